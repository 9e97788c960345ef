#include <CLI/CLI.hpp>
#include <array>

#include "admin.hpp"
#include "command.hpp"
#include "config/duration.hpp"
#include "device_text.hpp"
#include "options.hpp"
#include "particulars.hpp"

namespace countersign::cli {
namespace {

constexpr Millis kSecond = 1'000;

/// Lets one device register itself, once.
class TokenCreate final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    const auto set_life = [this](const std::string& text) {
      const auto life = config::parse_duration(text);
      if (!life || *life <= 0 || *life % kSecond != 0) {
        throw CLI::ValidationError("--expires", printable(text) + " is no time like 90s, 1h or 7d");
      }
      seconds_ = *life / kSecond;
    };
    app.add_option_function<std::string>("--expires", set_life, "How long it can be used")
        ->type_name("TIME")
        ->default_str("1d");
    particulars_.declare_roles(app, "A role for the device; may be repeated");
    particulars_.declare_label(app, "Words to find the token and the device by");
    add_json(app, console);
    connection_.declare(app);
    app.footer("The token is shown this once, on standard output alone.");
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    Json command{{"command", "createEnrolmentToken"}};
    if (seconds_ != 0) {
      command["expiresIn"] = seconds_;
    }
    particulars_.add_to(command);
    const auto made = admin->run(command);
    if (!made) {
      return console.fail(made.why());
    }
    if (console.json) {
      console.print(*made);
      return 0;
    }
    console.line(plain_text(member(*made, "token")));
    console.note("token " + plain_text(member(*made, "id")) + " lets one device register, until " +
                 time_at(*made, "expiresAt"));
    return 0;
  }

 private:
  std::int64_t seconds_ = 0;  // 0: as the broker likes
  Particulars particulars_;
  Connection connection_;
};

/// Tokens that can still be used.
class TokenList final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    const auto data = admin->run({{"command", "listEnrolmentTokens"}});
    if (!data) {
      return console.fail(data.why());
    }
    if (console.json) {
      console.print(*data);
      return 0;
    }
    for (const std::string& line : aligned(token_table(member(*data, "tokens")))) {
      console.line(line);
    }
    return 0;
  }

 private:
  Connection connection_;
};

class TokenRevoke final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("ID", id_, "Which, as token list names it")->type_name("")->required();
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    if (const auto done = admin->run({{"command", "revokeEnrolmentToken"}, {"id", id_}}); !done) {
      return console.fail(done.why());
    }
    if (console.json) {
      console.print({{"id", id_}, {"done", "revokeEnrolmentToken"}});
    } else {
      console.line("token " + printable(id_) + " is revoked");
    }
    return 0;
  }

 private:
  std::string id_;
  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"create", "Make a token that lets one device register", make_command<TokenCreate>},
    Entry{"list", "List those that can still be used", make_command<TokenList>},
    Entry{"revoke", "Make one worthless", make_command<TokenRevoke>},
};

}  // namespace

std::span<const Entry> token_commands() { return kCommands; }

}  // namespace countersign::cli
