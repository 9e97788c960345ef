#include <CLI/CLI.hpp>
#include <array>

#include "command.hpp"
#include "connection.hpp"
#include "hints.hpp"
#include "line_publisher.hpp"
#include "options.hpp"
#include "publish_options.hpp"
#include "text_file.hpp"

namespace countersign::cli {
namespace {

constexpr std::size_t kMaxPayloadBytes = 268'435'455;  // of MQTT

/// Signs and publishes one message, or the lines of stdin, and says what became of them.
class Publish final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("-t,--topic", topic_, "Where to")->type_name("TOPIC")->required();
    auto* const text = app.add_option("-m,--message", text_, "This text")->type_name("TEXT");
    auto* const file = app.add_option("-f,--file", file_, "The whole of a file; - for stdin")
                           ->type_name("FILE")
                           ->excludes(text);
    auto* const none =
        app.add_flag("-n,--null", null_, "An empty message")->excludes(text)->excludes(file);
    lines_option_ =
        app.add_flag("-l,--lines", lines_, "Each line of stdin, as it comes, blank ones left out")
            ->excludes(text)
            ->excludes(file)
            ->excludes(none);
    app.add_option("--rate", rate_, "With -l: at most so many a second")
        ->check(positive())
        ->type_name("N")
        ->needs(lines_option_);
    text_option_ = text;
    add_json(app, console);
    message_.declare(app);
    connection_.declare(app);
    app.footer("Exit code 1: the broker refused it, or one of the lines; it says why.");
  }

  int run(const Console& console) override {
    if (text_option_->count() == 0 && file_.empty() && !null_ && !lines_) {
      return console.fail({.fault = client::Fault::usage,
                           .text = "nothing to publish",
                           .hint = "-m TEXT, -f FILE, -n or -l"});
    }
    const auto payload = read_payload();
    if (!payload) {
      return console.fail(payload.why());
    }
    const StopSignals signals;
    const auto client = connection_.open();
    if (!client) {
      return console.fail(client.why());
    }
    signals.let_through();
    const auto session = (*client)->login();
    if (!session) {
      return console.fail(session.why());
    }
    signals.hold_back();
    const client::PublishOptions options = message_.for_version(connection_.options().mqtt);
    const int code =
        lines_ ? LinePublisher{console, **client, session->identity, topic_, options, rate_}.run(
                     signals)
               : report(console, session->identity, options,
                        (*client)->publish(topic_, bytes_of(*payload), options));
    (*client)->close();
    return code;
  }

 private:
  client::Outcome<std::string> read_payload() const {
    if (file_.empty()) {
      return text_;
    }
    return read_text_file(file_, kMaxPayloadBytes);
  }

  int report(const Console& console, const std::string& identity,
             const client::PublishOptions& options,
             const client::Outcome<client::Published>& outcome) const {
    if (!outcome) {
      if (console.json && outcome.why().fault == client::Fault::refused) {
        console.print({{"accepted", false}, {"why", name_of(outcome.why().why)}});
      }
      return console.fail(publish_error(outcome.why(), topic_, identity, options.short_tag));
    }
    if (console.json) {
      console.print({{"accepted", outcome->accepted},
                     {"kid", outcome->kid},
                     {"seq", outcome->seq},
                     {"attempts", outcome->attempts}});
      return 0;
    }
    console.line(std::string{outcome->accepted ? "accepted" : "sent"} + ", session " +
                 std::to_string(outcome->kid) + ", message " + std::to_string(outcome->seq));
    return 0;
  }

  std::string topic_;
  std::string text_;
  std::string file_;
  bool null_ = false;
  bool lines_ = false;
  double rate_ = 0;
  const CLI::Option* text_option_ = nullptr;
  CLI::Option* lines_option_ = nullptr;
  MessageOptions message_;
  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"publish", "Sign and publish a message, or lines of stdin", make_command<Publish>},
};

}  // namespace

std::span<const Entry> publish_commands() { return kCommands; }

}  // namespace countersign::cli
