#include "watch_display.hpp"

#include <utility>

namespace countersign::cli {
namespace {

class LineDisplay final : public WatchDisplay {
 public:
  LineDisplay(const Console& console, std::function<std::vector<std::string>(const Json&)> changes)
      : console_{console}, changes_{std::move(changes)} {}

  void show(const Json& data) override {
    if (console_.json) {
      console_.print(data);
      return;
    }
    for (const std::string& line : changes_(data)) {
      console_.line(line);
    }
  }
  void show_status(const std::string& status) override {
    if (status != status_) {
      status_ = status;
      console_.note(status.empty() ? "online" : status);
    }
  }

 private:
  const Console& console_;
  std::function<std::vector<std::string>(const Json&)> changes_;
  std::string status_;
};

}  // namespace

std::unique_ptr<WatchDisplay> make_line_display(
    const Console& console, std::function<std::vector<std::string>(const Json&)> changes) {
  return std::make_unique<LineDisplay>(console, std::move(changes));
}

}  // namespace countersign::cli
