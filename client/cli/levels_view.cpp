#include "levels_view.hpp"

#include <algorithm>

#include "answer_text.hpp"

namespace countersign::cli {
namespace {

constexpr std::size_t kCap = 21;     // docs/protocol.md, section 6
constexpr std::int64_t kLowest = 2;  // at or below it AUTH3 falls and AUTH2 is expelled
constexpr std::size_t kMinIdentity = 8;
constexpr std::size_t kHeadLines = 3;

constexpr const char* kPlain = "\x1b[0m";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kGreen = "\x1b[32m";

/// The columns behind the identity, in their order. Where there is no room for all of them those
/// with the greatest `rank` go first.
struct Column {
  std::string_view head;
  std::size_t width;
  int rank;
  std::string (*text)(const LevelRow& row, Millis now);
};

std::string bar_of(std::int64_t score) {
  const auto filled = static_cast<std::size_t>(std::clamp<std::int64_t>(score, 0, kCap));
  return "[" + std::string(filled, '#') + std::string(kCap - filled, '.') + "]";
}

std::string span_text(Millis span) {
  constexpr Millis kSecond = 1'000;
  constexpr Millis kMinute = 60 * kSecond;
  constexpr Millis kHour = 60 * kMinute;
  if (span >= 2 * kHour) {
    return std::to_string(span / kHour) + " h";
  }
  return span >= 2 * kMinute ? std::to_string(span / kMinute) + " min"
                             : std::to_string(std::max<Millis>(span, 0) / kSecond) + " s";
}

std::string standing_text(const LevelRow& row, Millis now) {
  return row.until == 0 ? row.standing : row.standing + " " + span_text(row.until - now);
}

std::string kid_text(const LevelRow& row) { return row.kid == 0 ? "-" : std::to_string(row.kid); }

constexpr std::array kColumns{
    Column{"KIND", 6, 6, [](const LevelRow& row, Millis) { return row.kind; }},
    Column{"LEVEL", 5, 0, [](const LevelRow& row, Millis) { return row.level; }},
    Column{"SCORE", 5, 1, [](const LevelRow& row, Millis) { return std::to_string(row.score); }},
    Column{"", kCap + 2, 3, [](const LevelRow& row, Millis) { return bar_of(row.score); }},
    Column{"STANDING", 18, 2, standing_text},
    Column{"KID", 5, 5, [](const LevelRow& row, Millis) { return kid_text(row); }},
    Column{"MESSAGES", 9, 4,
           [](const LevelRow& row, Millis) { return std::to_string(row.messages); }},
};

std::string padded(const std::string& text, std::size_t width) {
  std::string out = cut(text, width);
  out.append(width - width_of(out), ' ');
  return out;
}

/// Which columns a screen has room for, and how wide its identities are.
class Layout {
 public:
  Layout(const Levels& levels, std::size_t columns) {
    std::size_t longest = kMinIdentity;
    for (const LevelRow& row : levels.devices) {
      longest = std::max(longest, width_of(row.identity));
    }
    constexpr std::size_t kMark = 2;
    for (int rank = kColumns.size() - 1; rank > 0 && kMark + kMinIdentity + behind() > columns;
         --rank) {
      most_ = rank - 1;
    }
    const std::size_t room = columns - std::min(columns, kMark + behind());
    identity_ = std::min(longest, std::max(room, kMinIdentity));
  }

  [[nodiscard]] bool shows(const Column& column) const { return column.rank <= most_; }
  [[nodiscard]] std::size_t identity() const { return identity_; }

 private:
  /// What the columns behind the identity take, each with a blank before it.
  [[nodiscard]] std::size_t behind() const {
    std::size_t width = 0;
    for (const Column& column : kColumns) {
      width += shows(column) ? column.width + 1 : 0;
    }
    return width;
  }

  int most_ = kColumns.size() - 1;
  std::size_t identity_ = kMinIdentity;
};

char mark_of(Change change) {
  constexpr std::string_view kMarks = " *+-!";
  return kMarks[static_cast<std::size_t>(change)];
}

const char* colour_of(const LevelRow& row) {
  if (row.standing != "active" || (row.level == "AUTH2" && row.score <= kLowest)) {
    return kRed;
  }
  return row.level == "AUTH3" ? kGreen : row.level == "AUTH1" ? kDim : "";
}

std::string trimmed(const std::string& line) {
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string heading(const Layout& layout) {
  std::string line = "  " + padded("IDENTITY", layout.identity());
  for (const Column& column : kColumns) {
    line += layout.shows(column) ? " " + padded(std::string{column.head}, column.width) : "";
  }
  return trimmed(line);
}

std::string line_of(const LevelRow& row, const Layout& layout, Millis now) {
  std::string line{mark_of(row.change), ' '};
  line += padded(row.identity, layout.identity());
  for (const Column& column : kColumns) {
    line += layout.shows(column) ? " " + padded(column.text(row, now), column.width) : "";
  }
  return trimmed(line);
}

std::string totals_text(const Levels& levels) {
  std::string out;
  for (const Total& total : levels.totals) {
    out.append(out.empty() ? "" : ", ").append(total.name).append(" ");
    out.append(std::to_string(total.count));
  }
  return out;
}

std::string styled(const std::string& line, const char* colour, bool bold) {
  return (bold ? kBold : "") + (colour + line) + kPlain;
}

}  // namespace

std::vector<std::string> screen_of(const Levels& levels, const std::string& status,
                                   const ViewStyle& style) {
  const Layout layout{levels, style.columns};
  const std::string head = cut(heading(layout), style.columns);
  std::vector<std::string> lines{
      cut(time_text(levels.now) + "  " + totals_text(levels), style.columns),
      cut(status, style.columns), style.colour ? styled(head, "", true) : head};
  const std::size_t room = style.rows > kHeadLines ? style.rows - kHeadLines : 0;
  const bool all = levels.devices.size() <= room;
  const std::size_t shown = all ? levels.devices.size() : room - std::min<std::size_t>(room, 1);
  for (const LevelRow& row : std::span{levels.devices}.first(shown)) {
    const std::string line = cut(line_of(row, layout, levels.now), style.columns);
    lines.push_back(style.colour ? styled(line, colour_of(row), row.change != Change::none) : line);
  }
  if (!all) {
    lines.push_back(
        cut("  and " + std::to_string(levels.devices.size() - shown) + " more", style.columns));
  }
  lines.resize(std::min(lines.size(), style.rows));
  return lines;
}

std::vector<std::string> table_of(const Levels& levels) {
  std::vector<Row> rows{{"IDENTITY", "KIND", "LEVEL", "SCORE", "STANDING", "KID", "MESSAGES"}};
  for (const LevelRow& row : levels.devices) {
    rows.push_back({row.identity, row.kind, row.level, std::to_string(row.score),
                    standing_text(row, levels.now), kid_text(row), std::to_string(row.messages)});
  }
  std::vector<std::string> lines = aligned(rows);
  lines.insert(lines.begin(), totals_text(levels));
  return lines;
}

std::vector<std::string> changes_of(const Levels& levels) {
  std::vector<std::string> lines;
  for (const LevelRow& row : levels.devices) {
    if (row.change != Change::none) {
      lines.push_back(time_text(levels.now) + " " + row.identity + " " + row.level + " " +
                      std::to_string(row.score) + " " + row.standing + " " + kid_text(row));
    }
  }
  return lines;
}

}  // namespace countersign::cli
