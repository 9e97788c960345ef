#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::config {

/// What a topic has to offer a filter: whether it matches, and what stands at `%d`.
struct Match {
  bool matches = false;
  std::string_view bound;  ///< borrowed from the topic; empty without `%d`

  [[nodiscard]] explicit operator bool() const { return matches; }
};

/// How the topics of a subscription relate to those of a rule.
struct Overlap {
  bool any = false;        ///< at least one topic matches both
  bool covered = false;    ///< every topic of the subscription matches the rule
  std::string_view bound;  ///< the one identity that can stand at `%d`, borrowed from the argument
  bool any_bound = false;  ///< several identities can stand at `%d`
};

/// An MQTT topic filter (MQTT 5, 4.7) in which one level may be `%d`: exactly one level that is an
/// identity. Leading wildcards do not match topics that begin with `$`.
class TopicFilter {
 public:
  /// \returns nothing for what is no filter; `why`, if given, then says so in words.
  [[nodiscard]] static std::optional<TopicFilter> parse(std::string_view text,
                                                        std::string* why = nullptr);

  /// The same for what a client subscribes to, where `%d` means nothing.
  [[nodiscard]] static std::optional<TopicFilter> parse_subscription(std::string_view text);

  /// Allocates nothing.
  [[nodiscard]] Match match(std::string_view topic) const;

  /// How the topics of `subscription` (or of another rule's filter) relate to ours.
  [[nodiscard]] Overlap compare(const TopicFilter& subscription) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool binds() const { return binds_; }

 private:
  enum class Part : std::uint8_t { literal, one, identity, rest };
  struct Piece {
    Part part = Part::literal;
    std::uint16_t begin = 0;
    std::uint16_t size = 0;
  };

  /// Splits at `/`; `%d` binds only where `binding` says so.
  TopicFilter(std::string_view text, bool binding);
  [[nodiscard]] const char* fault() const;
  [[nodiscard]] const char* fault_at(std::size_t at) const;
  [[nodiscard]] std::string_view text_of(const Piece& piece) const;
  [[nodiscard]] bool dollar() const { return text_.starts_with('$'); }
  bool compare_level(const Piece& ours, const TopicFilter& other, const Piece& theirs,
                     Overlap& out) const;

  std::string text_;
  std::vector<Piece> pieces_;
  std::size_t literal_ = 0;  ///< bytes before the first wildcard, without the `/` between
  bool binds_ = false;
};

/// True for 1–65,535 bytes without wildcards and NUL: what may stand in a PUBLISH.
[[nodiscard]] bool is_topic(std::string_view text);

}  // namespace countersign::config
