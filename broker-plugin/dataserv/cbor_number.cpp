#include "dataserv/cbor_number.hpp"

#include <bit>
#include <cmath>

#include "config/json_pointer.hpp"

namespace countersign::dataserv {
namespace {

using config::PointerWay;

/// RFC 8949, section 3.1.
enum class Major : std::uint8_t { number, negative, bytes, text, array, map, tag, simple };

constexpr std::uint8_t kOneByte = 24;
constexpr std::uint8_t kHalf = 25;
constexpr std::uint8_t kSingle = 26;
constexpr std::uint8_t kDouble = 27;

struct Head {
  Major major = Major::simple;
  std::uint8_t info = 0;  ///< the five bits that say how the argument is written
  std::uint64_t argument = 0;
};

/// RFC 8949, appendix D.
double half_value(std::uint64_t half) {
  const auto exponent = static_cast<int>((half >> 10U) & 0x1FU);
  const auto mantissa = static_cast<double>(half & 0x3FFU);
  double value = exponent == 0    ? std::ldexp(mantissa, -24)
                 : exponent != 31 ? std::ldexp(mantissa + 1024, exponent - 25)
                 : mantissa == 0  ? HUGE_VAL
                                  : std::nan("");
  return (half & 0x8000U) != 0 ? -value : value;
}

double float_value(const Head& head) {
  if (head.info == kHalf) {
    return half_value(head.argument);
  }
  return head.info == kSingle
             ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.argument)))
             : std::bit_cast<double>(head.argument);
}

/// Reads one item front to back, by recursive descent.
class Scanner {
 public:
  explicit Scanner(ByteView item) : in_{item} {}

  std::optional<double> find(std::string_view pointer) {
    return value({true, pointer}, 0) && in_.done() ? found_ : std::nullopt;
  }

 private:
  std::optional<Head> head() {
    const auto first = in_.be<std::uint8_t>();
    Head head{static_cast<Major>(first >> 5U), static_cast<std::uint8_t>(first & 0x1FU), 0};
    switch (head.info) {
      case kOneByte:
        head.argument = in_.be<std::uint8_t>();
        break;
      case kHalf:
        head.argument = in_.be<std::uint16_t>();
        break;
      case kSingle:
        head.argument = in_.be<std::uint32_t>();
        break;
      case kDouble:
        head.argument = in_.be<std::uint64_t>();
        break;
      default:
        head.argument = head.info;
    }
    // 28 to 30 are reserved, 31 is an indefinite length
    return in_.ok() && head.info <= kDouble ? std::optional{head} : std::nullopt;
  }

  bool value(PointerWay way, std::size_t depth) {
    const auto head = this->head();
    if (!head || depth > kMaxCborDepth) {
      return false;
    }
    switch (head->major) {
      case Major::number:
        return take(way, static_cast<double>(head->argument));
      case Major::negative:
        return take(way, -1 - static_cast<double>(head->argument));
      case Major::bytes:
      case Major::text:
        return skip(head->argument);
      case Major::array:
        return array(way, head->argument, depth);
      case Major::map:
        return map(way, head->argument, depth);
      case Major::tag:
        return value(way, depth + 1);
      case Major::simple:
        return head->info < kHalf || take(way, float_value(*head));
    }
    return false;
  }

  bool take(PointerWay way, double number) {
    if (way.here() && std::isfinite(number)) {
      found_ = number;
    }
    return true;
  }

  bool skip(std::uint64_t size) {
    in_.take(static_cast<std::size_t>(size));
    return in_.ok();
  }

  bool array(PointerWay way, std::uint64_t count, std::size_t depth) {
    const auto sought = way.inside() ? config::index_of(way.token()) : std::nullopt;
    for (std::uint64_t at = 0; at < count; ++at) {
      if (!value(sought && *sought == at ? way.step() : PointerWay{}, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  bool map(PointerWay way, std::uint64_t count, std::size_t depth) {
    bool seen = false;
    for (std::uint64_t at = 0; at < count; ++at) {
      const auto key = head();
      if (!key || key->major != Major::text) {
        return false;
      }
      const std::string_view name = text_of(in_.take(static_cast<std::size_t>(key->argument)));
      const bool leads = way.inside() && config::is_token(way.token(), name);
      if ((leads && seen) || !value(leads ? way.step() : PointerWay{}, depth + 1)) {
        return false;
      }
      seen = seen || leads;
    }
    return true;
  }

  Reader in_;
  std::optional<double> found_;
};

}  // namespace

std::optional<double> find_cbor_number(ByteView item, std::string_view pointer) {
  return Scanner{item}.find(pointer);
}

}  // namespace countersign::dataserv
