#include "countersign/will.hpp"

#include <array>

namespace countersign {

bool will_digest(const Crypto& crypto, const Will& will, Digest& out) {
  const std::array<ByteView, 4> fields{bytes_of(will.client_id), will.context.topic,
                                       will.context.props, will.payload};
  std::array<Bytes<2>, 4> sizes;
  std::array<ByteView, 9> parts;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].size() > 65'535) {
      return false;
    }
    sizes[i] = be16(fields[i].size());
    parts[2 * i] = sizes[i];
    parts[2 * i + 1] = fields[i];
  }
  const std::array how{static_cast<std::byte>(will.qos), static_cast<std::byte>(will.retain)};
  parts[8] = how;
  return crypto.sha256(parts, out);
}

void write_will_commitment(const WillCommitment& commitment, Writer& out) {
  out.be(kWillMark).be(commitment.n).raw(commitment.digest);
}

Result<WillCommitment> parse_will_commitment(ByteView payload) {
  Reader in{payload};
  const auto mark = in.be<std::uint8_t>();
  WillCommitment commitment;
  commitment.n = in.be<std::uint32_t>();
  commitment.digest = in.array<kDigestBytes>();
  if (!in.done() || mark != kWillMark) {
    return Refusal::malformed;
  }
  return commitment;
}

}  // namespace countersign
