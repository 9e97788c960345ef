#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <map>
#include <mutex>

#include "command.hpp"
#include "connection.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// When each state began, in milliseconds since the start.
class Stopwatch {
 public:
  void note(client::State state) {
    const std::scoped_lock guard{mutex_};
    reached_.try_emplace(state, elapsed());
  }
  /// Since the start, or 0 if it never was.
  [[nodiscard]] double at(client::State state) const {
    const std::scoped_lock guard{mutex_};
    const auto found = reached_.find(state);
    return found == reached_.end() ? 0 : found->second;
  }
  [[nodiscard]] double elapsed() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  Clock::time_point start_ = Clock::now();
  mutable std::mutex mutex_;
  std::map<client::State, double> reached_;
};

std::string millis(double value) {
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.1f ms", value));
  return text.data();
}

/// Everything up to a verified `finished`, and nothing after.
class Login final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    add_json(app, console);
    const auto require = [this](const std::string& word) {
      connection_.require(word == name_of(client::Method::mfar) ? client::Method::mfar
                                                                : client::Method::aplus);
    };
    app.add_option_function<std::string>("--method", require,
                                         "Refuse a key of the other one [what the key says]")
        ->check(CLI::IsMember(client::kMethodNames).description(""))
        ->type_name("mfar|a+");
    connection_.declare(app);
    app.footer("Proves that broker, plugin, registration and key fit together.");
  }

  int run(const Console& console) override {
    Stopwatch watch;
    client::Observer observer;
    observer.on_state = [&watch](client::State state, const std::string&) { watch.note(state); };
    const auto client = connection_.open(std::move(observer));
    if (!client) {
      return console.fail(client.why());
    }
    const auto session = (*client)->login();
    if (!session) {
      return console.fail(session.why());
    }
    const double total = watch.elapsed();
    (*client)->close();
    report(console, *session, watch.at(client::State::handshaking), total);
    return 0;
  }

 private:
  static void report(const Console& console, const client::SessionInfo& session, double connected,
                     double total) {
    if (console.json) {
      console.print({{"identity", session.identity},
                     {"clientId", session.client_id},
                     {"kid", session.kid},
                     {"connectMs", connected},
                     {"handshakeMs", total - connected}});
      return;
    }
    console.line("logged in as " + session.identity + ", session " + std::to_string(session.kid));
    console.line("connected in " + millis(connected) + ", shook hands in " +
                 millis(total - connected));
  }

  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"login", "Try a key: connect, shake hands, verify the broker", make_command<Login>},
};

}  // namespace

std::span<const Entry> login_commands() { return kCommands; }

}  // namespace countersign::cli
