#include "level_display.hpp"

#include <cstdlib>

#include "levels_view.hpp"
#include "screen.hpp"

namespace countersign::cli {
namespace {

/// Worst first, over and over in place.
class ScreenDisplay final : public WatchDisplay {
 public:
  ScreenDisplay() {
    const char* const no_colour = std::getenv("NO_COLOR");
    colour_ = no_colour == nullptr || *no_colour == '\0';
    status_ = "waiting for the broker";
    resize();
  }

  void show(const Json& data) override {
    levels_ = read_levels(data);
    memory_.mark(levels_);
    if (first_) {
      for (LevelRow& row : levels_.devices) {
        row.change = Change::none;
      }
    }
    first_ = false;
    resize();
  }
  void show_status(const std::string& status) override {
    status_ = status;
    resize();
  }
  void resize() override {
    const Screen::Size size = Screen::size();
    // the last column stays free: terminals differ in what they do behind it
    Screen::show(screen_of(levels_, status_, {size.columns - 1, size.rows, colour_}));
  }
  void pause() override {
    screen_.pause();
    resize();
  }

 private:
  Screen screen_;
  Levels levels_;
  LevelMemory memory_;
  std::string status_;
  bool colour_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<WatchDisplay> make_level_screen() { return std::make_unique<ScreenDisplay>(); }

std::unique_ptr<WatchDisplay> make_level_lines(const Console& console) {
  return make_line_display(console, [memory = LevelMemory{}](const Json& data) mutable {
    Levels levels = read_levels(data);
    memory.mark(levels);
    return changes_of(levels);
  });
}

}  // namespace countersign::cli
