#include "countersign/identity.hpp"
#include "countersign/mfar_query.hpp"

namespace countersign {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLongestAskedOpBytes = ";mask()"sv.size() + 2 * kMaxAskedMaskBytes;
static_assert(kMaxFieldNameBytes + kMaxAskedOps * kLongestAskedOpBytes <= kMaxQueryBytes,
              "whatever is asked must fit");

/// Draws numbers; a failure of the source sticks.
class Dice {
 public:
  explicit Dice(Random& random) : random_{random} {}

  /// 0 ≤ it < `count`, 0 < `count` < 2^16. 32 bits by remainder: the bias is below 2^-16.
  std::uint32_t below(std::size_t count) {
    Bytes<4> bytes{};
    ok_ = ok_ && random_.fill(bytes);
    return Reader{bytes}.be<std::uint32_t>() % static_cast<std::uint32_t>(count);
  }

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  Random& random_;
  bool ok_ = true;
};

void write_number(std::size_t value, Writer& out) {
  static_assert(kMaxFieldValueBytes < 1000, "three digits are enough");
  for (std::size_t unit = 100; unit > 0; unit /= 10) {
    if (value >= unit || unit == 1) {
      out.be(static_cast<std::uint8_t>('0' + value / unit % 10));
    }
  }
}

/// \returns how many bytes the slice leaves.
std::size_t ask_slice(Dice& dice, std::size_t size, Writer& out) {
  const std::size_t length = kMinAskedResultBytes + dice.below(size - kMinAskedResultBytes + 1);
  const std::size_t begin = dice.below(size - length + 1);
  out.raw(bytes_of(";slice("sv));
  write_number(begin, out);
  out.raw(bytes_of(","sv));
  write_number(length, out);
  out.raw(bytes_of(")"sv));
  return length;
}

void ask_rotate(Dice& dice, std::size_t size, Writer& out) {
  out.raw(bytes_of(";rotate("sv));
  write_number(1 + dice.below(size - 1), out);
  out.raw(bytes_of(")"sv));
}

void ask_mask(Dice& dice, std::size_t bytes, Writer& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.raw(bytes_of(";mask("sv));
  for (std::size_t i = 0; i < 2 * bytes; ++i) {
    out.be(static_cast<std::uint8_t>(kDigits[dice.below(kDigits.size())]));
  }
  out.raw(bytes_of(")"sv));
}

/// Writes one random operation on `size` bytes. \returns how many it leaves.
std::size_t ask_op(Dice& dice, std::size_t size, Writer& out) {
  switch (dice.below(4)) {
    case 0:
      return ask_slice(dice, size, out);
    case 1:
      ask_rotate(dice, size, out);
      return size;
    case 2:
      out.raw(bytes_of(";flip"sv));
      return size;
    default:
      ask_mask(dice, 1 + dice.below(kMaxAskedMaskBytes), out);
      return size;
  }
}

bool can_ask(const RegistrationField& field, RegistrationFields fields) {
  std::size_t named = 0;
  for (const RegistrationField& other : fields) {
    named += std::size_t{other.name == field.name};
  }
  return named == 1 && is_field_name(field.name) && field.value.size() >= kMinAskedResultBytes &&
         field.value.size() <= kMaxFieldValueBytes;
}

/// A random one of those that can be asked for, or null.
const RegistrationField* choose(Dice& dice, RegistrationFields fields) {
  std::size_t count = 0;
  const RegistrationField* chosen = nullptr;
  for (const RegistrationField& field : fields) {
    // the n-th takes the place with probability 1/n, so each ends up equally likely
    if (can_ask(field, fields) && dice.below(++count) == 0) {
      chosen = &field;
    }
  }
  return chosen;
}

}  // namespace

Result<std::string_view> make_query(Random& random, RegistrationFields fields,
                                    std::span<char, kMaxQueryBytes> room) {
  Dice dice{random};
  Writer out{std::as_writable_bytes(room)};
  const RegistrationField* field = choose(dice, fields);
  if (field == nullptr) {
    return Refusal::internal;
  }
  out.raw(bytes_of(field->name));
  std::size_t size = field->value.size();
  const std::size_t ops = 1 + dice.below(kMaxAskedOps);
  const std::size_t unique = dice.below(ops);
  for (std::size_t i = 0; i < ops; ++i) {
    if (i == unique) {
      // 64 random bits: no query comes twice, whatever T remembers of those before
      ask_mask(dice, kMaxAskedMaskBytes, out);
    } else {
      size = ask_op(dice, size, out);
    }
  }
  return out.ok() && dice.ok() ? Result<std::string_view>{text_of(out.written())}
                               : Refusal::internal;
}

}  // namespace countersign
