#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/base64url.hpp"
#include "countersign/crypto.hpp"
#include "countersign/result.hpp"

namespace countersign {

inline constexpr std::size_t kResumeProofBytes = 2 + 4 + kTagBytes;
inline constexpr std::size_t kResumeTextBytes = base64url_size(kResumeProofBytes);

static_assert(kResumeTextBytes == 30, "docs/protocol.md, section 2, says 30 characters");

/// The password with which a client takes up its session again:
///   size  field
///   2     kid
///   4     n     strictly rising per session
///   16    HMAC(Expand(SK, "resume", ""), u32 n || s16(client id))
struct ResumeProof {
  std::uint16_t kid = 0;
  std::uint32_t n = 0;
  Tag tag{};
};

/// Writes the proof as the password text, `kResumeTextBytes` characters, borrowed from `out`.
/// \returns empty if the backend fails or `out` is too small.
[[nodiscard]] std::string_view write_resume_proof(const Crypto& crypto, const Key32& sk,
                                                  std::uint16_t kid, std::uint32_t n,
                                                  std::string_view client_id, std::span<char> out);

/// \returns `malformed` for anything that is no proof.
[[nodiscard]] Result<ResumeProof> parse_resume_proof(std::string_view password);

/// \returns `none`, `bad_tag` or `internal`. Whether n rises is the caller's to judge.
[[nodiscard]] Refusal verify_resume_proof(const Crypto& crypto, const Key32& sk,
                                          const ResumeProof& proof, std::string_view client_id);

}  // namespace countersign
