#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "console.hpp"
#include "countersign/bytes.hpp"

namespace countersign::cli {

/// What is different about a device since it was last seen.
enum class Change : std::uint8_t {
  none,
  fresh,  ///< it, or its session, is new
  better,
  worse,
  standing,  ///< expelled, locked out, challenged, or no longer
};

/// One device in the answer of listLevels. Its texts may be shown as they are.
struct LevelRow {
  std::string identity;
  std::string kind;
  std::string level;
  std::string standing;  ///< `enforcement` while a challenge is open
  std::int64_t score = 0;
  std::uint64_t kid = 0;  ///< 0: no session
  std::uint64_t messages = 0;
  Millis until = 0;  ///< when the enforcement or expulsion ends; 0: neither
  Change change = Change::none;
};

struct Total {
  std::string_view name;
  std::uint64_t count = 0;
};

struct Levels {
  Millis now = 0;
  std::array<Total, 7> totals{{{"identities"},
                               {"sessions"},
                               {"AUTH3"},
                               {"AUTH2"},
                               {"AUTH1"},
                               {"enforcement"},
                               {"expelled"}}};
  std::vector<LevelRow> devices;  ///< worst first
};

/// What the broker said. What it left out is empty or 0.
[[nodiscard]] Levels read_levels(const Json& data);

/// How each device was when it was last seen.
class LevelMemory {
 public:
  /// Marks what has changed, and remembers.
  void mark(Levels& levels);

 private:
  std::map<std::string, LevelRow> last_;
};

}  // namespace countersign::cli
