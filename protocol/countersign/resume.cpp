#include "countersign/resume.hpp"

#include <array>

#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"

namespace countersign {
namespace {

using namespace std::string_view_literals;

bool tag_of(const Crypto& crypto, const Key32& sk, std::uint32_t n, std::string_view client_id,
            Tag& out) {
  Key32 key;
  Digest digest;
  const Bytes<4> number = be32(n);
  const Bytes<2> size = be16(client_id.size());
  const std::array<ByteView, 3> parts{number, size, bytes_of(client_id)};
  if (client_id.size() > 65'535 || !expand(crypto, sk.bytes(), "resume"sv, {}, key) ||
      !crypto.hmac(key.bytes(), parts, digest)) {
    return false;
  }
  copy(digest, out);
  return true;
}

}  // namespace

std::string_view write_resume_proof(const Crypto& crypto, const Key32& sk, std::uint16_t kid,
                                    std::uint32_t n, std::string_view client_id,
                                    std::span<char> out) {
  Tag tag;
  if (!tag_of(crypto, sk, n, client_id, tag)) {
    return {};
  }
  Bytes<kResumeProofBytes> room;
  Writer writer{room};
  writer.be(kid).be(n).raw(tag);
  return encode_base64url(writer.written(), out);
}

Result<ResumeProof> parse_resume_proof(std::string_view password) {
  Bytes<kResumeProofBytes> room;
  ByteView decoded;
  if (password.size() != kResumeTextBytes || !decode_base64url(password, room, decoded)) {
    return Refusal::malformed;
  }
  Reader in{decoded};
  ResumeProof proof;
  proof.kid = in.be<std::uint16_t>();
  proof.n = in.be<std::uint32_t>();
  proof.tag = in.array<kTagBytes>();
  if (!in.done() || proof.kid == 0 || proof.kid > kMaxKid) {
    return Refusal::malformed;
  }
  return proof;
}

Refusal verify_resume_proof(const Crypto& crypto, const Key32& sk, const ResumeProof& proof,
                            std::string_view client_id) {
  Tag expected;
  if (!tag_of(crypto, sk, proof.n, client_id, expected)) {
    return Refusal::internal;
  }
  return same_tag(expected, proof.tag) ? Refusal::none : Refusal::bad_tag;
}

}  // namespace countersign
