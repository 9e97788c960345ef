#pragma once

#include <termios.h>

#include <string>
#include <vector>

namespace countersign::cli {

/// The other screen of the terminal that standard output is, without cursor and echo while this
/// lives; then all is as it was.
class Screen {
 public:
  Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() { leave(); }

  struct Size {
    std::size_t columns;
    std::size_t rows;
  };
  [[nodiscard]] static Size size();
  /// True if standard output is a terminal that can be written all over.
  [[nodiscard]] static bool usable();

  /// Writes over what was there; no line may be wider than the screen.
  static void show(const std::vector<std::string>& lines);
  /// Stops this process as Ctrl-Z does; goes on when the shell lets it.
  void pause();

 private:
  void enter();
  void leave();

  termios before_{};
  bool quiet_ = false;
};

}  // namespace countersign::cli
