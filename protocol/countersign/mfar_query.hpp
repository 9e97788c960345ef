#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/crypto.hpp"
#include "countersign/result.hpp"

/// The query API of MFA_R's second step (docs/protocol.md, section 6): T names a field of the
/// registration and operations on its bytes, and only a MAC over the result is ever sent.
namespace countersign {

inline constexpr std::size_t kMaxQueryBytes = 128;
inline constexpr std::size_t kMaxQueryOps = 8;
inline constexpr std::size_t kMaxFieldNameBytes = 32;
inline constexpr std::size_t kMaxFieldValueBytes = 255;
inline constexpr std::uint16_t kMaxQueryNumber = 65'535;

/// T asks no query whose result is shorter, with more operations, or with a longer mask.
inline constexpr std::size_t kMinAskedResultBytes = 8;
inline constexpr std::size_t kMaxAskedOps = 4;
inline constexpr std::size_t kMaxAskedMaskBytes = 8;

/// One field of a registration. Names are 1–32 bytes of the identity alphabet, each at most once;
/// values are 1–255 bytes. Borrows.
struct RegistrationField {
  std::string_view name;
  ByteView value;
};

using RegistrationFields = std::span<const RegistrationField>;

/// Where the result of a query is made; it is a secret.
using QueryRoom = std::span<std::byte, kMaxFieldValueBytes>;

[[nodiscard]] bool is_field_name(std::string_view text);

/// One operation on the bytes so far.
struct QueryOp {
  enum class Kind : std::uint8_t { slice, rotate, flip, mask };

  Kind kind = Kind::flip;
  std::uint16_t at = 0;      // slice: where it begins; rotate: by how many to the left
  std::uint16_t length = 0;  // slice
  std::string_view mask;     // lower-case hex, an even number of digits; borrows
};

/// A query as parsed. Borrows from its text.
struct Query {
  std::string_view field;
  std::string_view ops;  ///< the text of at most `kMaxQueryOps`, each sound; `take_op` reads them
};

/// \returns `malformed` for anything but `field *( ";" op )` within the limits.
[[nodiscard]] Result<Query> parse_query(std::string_view text);

/// Takes the first operation off `ops`, which is a query's and not empty.
[[nodiscard]] QueryOp take_op(std::string_view& ops);

/// Answers `query`. The result is 1–255 bytes and borrows from `room`, which the caller wipes.
/// \returns `bad_handshake` if the field is not there, is there twice, is empty or too long, or if
/// a slice is not inside: the device then answers nothing.
// not inlined: a device, whose stack is small, signs the result
[[nodiscard, gnu::noinline]] Result<ByteView> apply_query(const Query& query,
                                                          RegistrationFields fields,
                                                          QueryRoom room);

/// Makes T's next query, which `fields` answer with at least `kMinAskedResultBytes`: a random one
/// of the fields that are long enough and 1–4 random operations, one of them a mask of 8 random
/// bytes, so that none comes twice. The text borrows from `room`.
/// \returns `internal` without entropy or without such a field.
[[nodiscard]] Result<std::string_view> make_query(Random& random, RegistrationFields fields,
                                                  std::span<char, kMaxQueryBytes> room);

}  // namespace countersign
