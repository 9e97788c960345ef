#include "countersign/mfar_query.hpp"

#include "countersign/identity.hpp"

namespace countersign {
namespace {

using namespace std::string_view_literals;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

constexpr std::uint8_t hex_value(char c) {
  return static_cast<std::uint8_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
}

/// Walks the text of a query. The first thing out of place sticks, as in Reader.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}

  /// True, and past `word`, if the text goes on with it.
  bool skip(std::string_view word) {
    if (!ok_ || head_of(rest_, word.size()) != word) {
      return false;
    }
    rest_ = tail_of(rest_, word.size());
    return true;
  }

  void expect(std::string_view word) { ok_ = skip(word); }

  /// A decimal without leading zeros, at most `kMaxQueryNumber`.
  std::uint16_t number() {
    const std::string_view digits = run_of(is_digit);
    std::uint32_t value = 0;
    for (const char c : digits) {
      value = value * 10 + hex_value(c);
      ok_ = ok_ && value <= kMaxQueryNumber;
      value = ok_ ? value : 0;
    }
    ok_ = ok_ && !digits.empty() && (digits.size() == 1 || digits[0] != '0');
    return ok_ ? static_cast<std::uint16_t>(value) : std::uint16_t{0};
  }

  /// At least one byte of hex, as text.
  std::string_view hex() {
    const std::string_view digits = run_of(is_hex_digit);
    ok_ = ok_ && !digits.empty() && digits.size() % 2 == 0;
    return digits;
  }

  void fail() { ok_ = false; }
  [[nodiscard]] bool more() const { return ok_ && !rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view run_of(bool (*belongs)(char)) {
    std::size_t size = 0;
    while (size < rest_.size() && belongs(rest_[size])) {
      ++size;
    }
    const std::string_view run = head_of(rest_, size);
    rest_ = tail_of(rest_, size);
    return run;
  }

  std::string_view rest_;
  bool ok_ = true;
};

QueryOp parse_slice(Scanner& in) {
  QueryOp op;
  op.kind = QueryOp::Kind::slice;
  op.at = in.number();
  in.expect(","sv);
  op.length = in.number();
  in.expect(")"sv);
  // an empty slice has no result, whatever the field holds
  if (op.length == 0) {
    in.fail();
  }
  return op;
}

QueryOp parse_op(Scanner& in) {
  QueryOp op;
  in.expect(";"sv);
  if (in.skip("slice("sv)) {
    return parse_slice(in);
  }
  if (in.skip("rotate("sv)) {
    op.kind = QueryOp::Kind::rotate;
    op.at = in.number();
    in.expect(")"sv);
    return op;
  }
  if (in.skip("mask("sv)) {
    op.kind = QueryOp::Kind::mask;
    op.mask = in.hex();
    in.expect(")"sv);
    return op;
  }
  in.expect("flip"sv);
  return op;
}

/// The value of the one field of that name, or nothing.
ByteView value_of(std::string_view name, RegistrationFields fields) {
  ByteView value;
  std::size_t found = 0;
  for (const RegistrationField& field : fields) {
    if (field.name == name) {
      value = field.value;
      ++found;
    }
  }
  return found == 1 ? value : ByteView{};
}

void reverse(MutableBytes bytes) {
  for (std::size_t i = 0; i < bytes.size() / 2; ++i) {
    const std::byte other = bytes[bytes.size() - 1 - i];
    bytes[bytes.size() - 1 - i] = bytes[i];
    bytes[i] = other;
  }
}

void rotate(MutableBytes bytes, std::size_t count) {
  reverse(bytes.first(count));
  reverse(bytes.subspan(count));
  reverse(bytes);
}

void mask(MutableBytes bytes, std::string_view hex) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t digit = 2 * i % hex.size();
    bytes[i] ^= static_cast<std::byte>(hex_value(hex[digit]) << 4U | hex_value(hex[digit + 1]));
  }
}

/// The bytes after `op`, in the same place, or none.
MutableBytes apply_op(const QueryOp& op, MutableBytes bytes) {
  switch (op.kind) {
    case QueryOp::Kind::slice:
      return std::size_t{op.at} + op.length <= bytes.size() ? bytes.subspan(op.at, op.length)
                                                            : MutableBytes{};
    case QueryOp::Kind::rotate:
      rotate(bytes, op.at % bytes.size());
      return bytes;
    case QueryOp::Kind::flip:
      reverse(bytes);
      return bytes;
    case QueryOp::Kind::mask:
      mask(bytes, op.mask);
      return bytes;
  }
  return {};
}

}  // namespace

bool is_field_name(std::string_view text) {
  return text.size() <= kMaxFieldNameBytes && is_identity(text);
}

Result<Query> parse_query(std::string_view text) {
  Query query;
  query.field = head_of(text, text.find(';'));
  if (text.size() > kMaxQueryBytes || !is_field_name(query.field)) {
    return Refusal::malformed;
  }
  query.ops = tail_of(text, query.field.size());
  Scanner in{query.ops};
  for (std::size_t count = 0; in.more(); ++count) {
    if (count == kMaxQueryOps) {
      return Refusal::malformed;
    }
    static_cast<void>(parse_op(in));
  }
  return in.ok() ? Result<Query>{query} : Refusal::malformed;
}

QueryOp take_op(std::string_view& ops) {
  Scanner in{ops};
  const QueryOp op = parse_op(in);
  ops = in.rest();
  return op;
}

Result<ByteView> apply_query(const Query& query, RegistrationFields fields, QueryRoom room) {
  const ByteView value = value_of(query.field, fields);
  if (value.size() > room.size()) {
    return Refusal::bad_handshake;
  }
  copy(value, room);
  MutableBytes bytes = room.first(value.size());
  for (std::string_view ops = query.ops; !ops.empty() && !bytes.empty();) {
    bytes = apply_op(take_op(ops), bytes);
  }
  return bytes.empty() ? Refusal::bad_handshake : Result<ByteView>{ByteView{bytes}};
}

}  // namespace countersign
