#include <CLI/CLI.hpp>

#include "cards_view.hpp"
#include "command.hpp"
#include "options.hpp"
#include "watching.hpp"

namespace countersign::cli {
namespace {

/// Shows where the fleet's cards are, as they come and go.
class CardWatch final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    watching_.declare(app);
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "At a terminal: what has changed since the last look marked with *; Ctrl-C ends.\n"
        "Elsewhere a line for each change: time, card, identity, standing, host, reader, seen,\n"
        "state, order; with --json an object for each look.");
  }

  int run(const Console& console) override {
    watching_.command = [] { return Json{{"command", "listCards"}}; };
    watching_.screen = make_card_screen;
    watching_.lines = make_card_lines;
    watching_.table = [](const Json& data) {
      std::vector<std::string> lines = table_of(read_cards(data));
      lines.insert(lines.begin(), totals_of_cards(data));
      return lines;
    };
    return watching_.run(console, connection_);
  }

 private:
  Watching watching_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Command> make_card_watch() { return std::make_unique<CardWatch>(); }

}  // namespace countersign::cli
