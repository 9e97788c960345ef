#include "config/evaluation_parser.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "config/json_pointer.hpp"
#include "config/keys.hpp"

namespace countersign::config {
namespace {

constexpr std::array<std::string_view, 2> kFormats{"json", "cbor"};
constexpr std::array<std::string_view, 3> kCombines{"any", "majority", "all"};
constexpr Millis kSecond = 1000;
constexpr Millis kDay = Millis{24} * 3600 * kSecond;
constexpr std::uint32_t kMaxWindow = 100'000;
constexpr std::uint32_t kMinMemory = 16;
constexpr const char* kPointerHint = "e.g. \"/temperature\" or \"/values/0\"";

void check_pointer(const Section& section, std::string_view key, const std::string& pointer) {
  if (!is_json_pointer(pointer)) {
    section.blame(key, "must be a JSON pointer", kPointerHint);
  }
}

ValuePath read_path(const Section& section) {
  ValuePath path;
  section.text("pointer", path.pointer);
  path.text = !section.has("pointer");
  check_pointer(section, "pointer", path.pointer);
  return path;
}

double read_tolerance(const Section& section, double otherwise) {
  std::optional<double> tolerance;
  section.real("tolerance", tolerance);
  if (tolerance.value_or(otherwise) <= 0) {
    section.blame("tolerance", tolerance ? "must be positive" : "is missing",
                  "how far may a number be off? e.g. tolerance = 1.5");
  }
  return tolerance.value_or(otherwise);
}

Range read_range(Faults& faults, const toml::table& table) {
  const Section section{faults, table, "range", kRangeKeys};
  Range range;
  std::optional<double> min;
  std::optional<double> max;
  range.path = read_path(section);
  section.real("min", min);
  section.real("max", max);
  range.min = min.value_or(std::numeric_limits<double>::lowest());
  range.max = max.value_or(std::numeric_limits<double>::max());
  if (!min && !max) {
    section.blame("min", "and max are missing", "give at least one of them");
  }
  if (range.min > range.max) {
    section.blame("min", "is greater than max");
  }
  return range;
}

GroupSpec read_group(Faults& faults, const toml::table& table) {
  const Section section{faults, table, "group", kGroupKeys};
  GroupSpec group;
  group.path = read_path(section);
  group.tolerance = read_tolerance(section, 0);
  section.number("window", group.window, 1, kMaxWindow);
  section.duration("fresh", group.fresh, kSecond, kDay);
  std::optional<std::vector<std::string>> members;
  section.texts("members", members);
  group.members = members.value_or(std::vector<std::string>{"*"});
  return group;
}

CorrelatedSpec read_correlated(Faults& faults, const toml::table& table) {
  const Section section{faults, table, "correlated", kCorrelatedKeys};
  CorrelatedSpec correlated;
  std::optional<std::vector<std::string>> pointers;
  section.texts("pointers", pointers);
  correlated.pointers = pointers.value_or(std::vector<std::string>{});
  if (correlated.pointers.size() < 2 || correlated.pointers.size() > kMaxCorrelated) {
    section.blame("pointers", "must name 2 to 4 numbers",
                  "e.g. pointers = [\"/temperature\", \"/humidity\"]");
  }
  for (const std::string& pointer : correlated.pointers) {
    check_pointer(section, "pointers", pointer);
  }
  section.reals("resolution", correlated.resolution);
  const bool positive = std::all_of(correlated.resolution.begin(), correlated.resolution.end(),
                                    [](double one) { return one > 0; });
  if (correlated.resolution.size() != correlated.pointers.size() || !positive) {
    section.blame("resolution", "must be a positive number for each pointer",
                  "what its sensor cannot tell apart, e.g. resolution = [0.02, 0.05]");
  }
  correlated.tolerance = read_tolerance(section, correlated.tolerance);
  section.number("window", correlated.window, 1, kMaxWindow);
  section.number("memory", correlated.memory, kMinMemory, kMaxWindow);
  return correlated;
}

RateSpec read_rate(Faults& faults, const toml::table& table) {
  const Section section{faults, table, "rate", kRateKeys};
  RateSpec rate;
  section.duration("shortest", rate.shortest, 1, kDay);
  section.duration("longest", rate.longest, 1, kDay);
  section.number("stuck", rate.stuck, 2, kMaxWindow);
  rate.path = read_path(section);
  if (rate.shortest == 0 && rate.longest == 0 && rate.stuck == 0) {
    section.blame("shortest", "longest and stuck are missing", "give at least one of them");
  }
  if (rate.longest != 0 && rate.shortest > rate.longest) {
    section.blame("shortest", "is longer than longest");
  }
  if (section.has("pointer") && rate.stuck == 0) {
    section.blame("pointer", "means nothing without stuck");
  }
  return rate;
}

/// A key that stands there and holds nothing is a mistake.
template <class List>
void refuse_empty(const Section& rule, std::string_view key, const List& list) {
  if (rule.has(key) && list.empty()) {
    rule.blame(key, "is empty", "leave it out to accept every payload");
  }
}

}  // namespace

EvaluationSpec read_evaluation(Faults& faults, const Section& rule) {
  EvaluationSpec spec;
  const auto each = [&](std::string_view key, auto& list, auto read) {
    rule.tables(key, true, [&](const toml::table& table) { list.push_back(read(faults, table)); });
    refuse_empty(rule, key, list);
  };
  each("range", spec.ranges, read_range);
  each("group", spec.groups, read_group);
  each("correlated", spec.correlated, read_correlated);
  rule.table("rate", [&](const toml::table& table) { spec.rate = read_rate(faults, table); });
  std::size_t word = 0;
  rule.word("format", word, kFormats);
  spec.format = static_cast<Format>(word);
  word = 0;
  rule.word("combine", word, kCombines);
  spec.combine = static_cast<Combine>(word);
  for (const std::string_view key : {"out_of_range", "format", "combine"}) {
    if (spec.empty() && rule.has(key)) {
      rule.blame(key, "means nothing without range, group, correlated or rate");
    }
  }
  return spec;
}

}  // namespace countersign::config
