/// The small messages: whatever is parsed is written again byte for byte.
///   1   which, by the order of kParsers
///   …   the message

#include <array>
#include <string>

#include "countersign/base64url.hpp"
#include "countersign/identity.hpp"
#include "countersign/receipt.hpp"
#include "countersign/resume.hpp"
#include "countersign/will.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

/// What `write` writes must be `wire`.
template <class Write>
void require_written(ByteView wire, Write write) {
  Bytes<256> room;
  Writer out{room};
  write(out);
  require(out.ok());
  require_same(out.written(), wire);
}

void receipt(ByteView wire) {
  if (const auto parsed = parse_receipt(wire)) {
    require_written(wire, [&](Writer& out) { write_receipt(*parsed, out); });
  }
}

void receipt_request(ByteView wire) {
  if (const auto parsed = parse_receipt_request(wire)) {
    require_written(wire, [&](Writer& out) { write_receipt_request(*parsed, out); });
  }
}

void notice(ByteView wire) {
  if (const auto parsed = parse_notice(wire)) {
    require(wire.size() <= kMaxNoticeBytes);
    require_written(wire, [&](Writer& out) { write_notice(*parsed, out); });
  }
}

void will(ByteView wire) {
  if (const auto parsed = parse_will_commitment(wire)) {
    require_written(wire, [&](Writer& out) { write_will_commitment(*parsed, out); });
  }
}

void resume(ByteView wire) {
  const auto parsed = parse_resume_proof(text_of(wire));
  if (!parsed) {
    return;
  }
  Bytes<kResumeProofBytes> room;
  Writer out{room};
  out.be(parsed->kid).be(parsed->n).raw(parsed->tag);
  std::array<char, kResumeTextBytes> text{};
  require_same(bytes_of(encode_base64url(out.written(), text)), wire);
}

void base64url(ByteView wire) {
  std::string room(wire.size(), '\0');
  ByteView decoded;
  const auto bytes = std::as_writable_bytes(std::span{room});
  if (!decode_base64url(text_of(wire), bytes, decoded)) {
    return;
  }
  std::string text(base64url_size(decoded.size()), '?');
  require_same(bytes_of(encode_base64url(decoded, text)), wire);
}

void vbi(ByteView wire) {
  Reader in{wire};
  const std::uint32_t value = in.vbi();
  if (in.ok()) {
    require(vbi_size(value) == in.read().size());
    require_written(in.read(), [&](Writer& out) { out.vbi(value); });
  }
}

void client_id(ByteView wire) {
  const std::string_view owner = owner_of(text_of(wire));
  require(owner.empty() || (is_identity(owner) && owns_client_id(owner, text_of(wire))));
  require(owner.empty() || !is_stranger(text_of(wire)));
}

constexpr std::array kParsers{receipt, receipt_request, notice, will,
                              resume,  base64url,       vbi,    client_id};

}  // namespace

void run(Input in) {
  const std::size_t which = in.byte() % kParsers.size();
  kParsers[which](in.rest());
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
