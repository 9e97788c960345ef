#include "tools/command.hpp"
#include "tools/flash_report.hpp"
#include "tools/hex.hpp"

namespace countersign::mcu::tools {
namespace {

/// True for text of ASCII without control characters: others are shown in hex.
bool is_plain(ByteView bytes) { return printable(text_of(bytes)).size() == bytes.size(); }

/// Prints the readings that wait in the ring.
class Readings final : public Command {
 public:
  CLI::App* declare(CLI::App& app, Console& console) override {
    CLI::App* const own =
        app.add_subcommand("readings", "Print the readings that wait for a link, oldest first");
    own->add_option("FILE", path_, "The flash of a device")->type_name("")->required();
    own->add_flag("--json", console.json, "Print them as JSON, one object per line");
    return own;
  }

  int run(const Console& console) override {
    auto flash = FlashCopy::of_file(path_);
    if (!flash) {
      return console.fail(flash.why());
    }
    const Content content = for_each_waiting(*flash, [&](const Waiting& waiting, ByteView payload) {
      console.json ? print(console, waiting, payload) : show(console, waiting, payload);
    });
    return content == Content::unreadable
               ? console.fail(
                     {.fault = client::Fault::file, .text = path_ + ": its ring is not readable"})
               : 0;
  }

 private:
  static void print(const Console& console, const Waiting& waiting, ByteView payload) {
    Json out{{"number", waiting.number}};
    if (is_plain(payload)) {
      out["text"] = text_of(payload);
    } else {
      out["hex"] = hex_of(payload);
    }
    console.print(out);
  }

  static void show(const Console& console, const Waiting& waiting, ByteView payload) {
    console.line(std::to_string(waiting.number) + " " +
                 (is_plain(payload) ? std::string{text_of(payload)} : "0x" + hex_of(payload)));
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<Command> make_readings() { return std::make_unique<Readings>(); }

}  // namespace countersign::mcu::tools
