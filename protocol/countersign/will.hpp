#pragma once

#include <cstdint>
#include <string_view>

#include "countersign/crypto.hpp"
#include "countersign/envelope.hpp"
#include "countersign/result.hpp"

namespace countersign {

inline constexpr std::uint8_t kWillMark = 0x41;
inline constexpr std::size_t kWillCommitmentBytes = 1 + 4 + kDigestBytes;

/// A will as it stands in CONNECT. Borrows.
struct Will {
  std::string_view client_id;
  MessageContext context;
  ByteView payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

/// What a client promises of its will inside its session:
///   size  field
///   1     0x41
///   4     n        that of the connection's resume proof, 0 where AUTH0 was raised
///   32    digest   of the will
struct WillCommitment {
  std::uint32_t n = 0;
  Digest digest{};
};

/// SHA-256(s16(client id) || s16(topic) || s16(props) || s16(payload) || u8 qos || u8 retain).
[[nodiscard]] bool will_digest(const Crypto& crypto, const Will& will, Digest& out);

void write_will_commitment(const WillCommitment& commitment, Writer& out);
[[nodiscard]] Result<WillCommitment> parse_will_commitment(ByteView payload);

}  // namespace countersign
