#include "countersign/card.hpp"

#include <array>

#include "countersign/keys.hpp"

namespace countersign {
namespace {

/// The tag over a few parts, with a key of its own for each label.
bool tag_under(const Crypto& crypto, const Key32& key, Parts parts, Tag& out) {
  Digest digest;
  const bool ok = crypto.hmac(key.bytes(), parts, digest);
  copy(ByteView{digest}.first<kTagBytes>(), out);
  wipe(digest);
  return ok;
}

bool is_carried(IssuerCommand command) {
  return command == IssuerCommand::none || command == IssuerCommand::deactivate ||
         command == IssuerCommand::activate;
}

}  // namespace

std::string_view name_of(LifeCycle state) {
  using namespace std::string_view_literals;
  switch (state) {
    case LifeCycle::none:
      break;
    case LifeCycle::created:
      return "created"sv;
    case LifeCycle::deactivated:
      return "deactivated"sv;
    case LifeCycle::active:
      return "active"sv;
    case LifeCycle::terminated:
      return "terminated"sv;
  }
  return "unknown"sv;
}

bool derive_issuer_key(const Crypto& crypto, const Key32& issuer, const CardUid& uid, Key32& kiss) {
  const std::array<ByteView, 1> context{uid};
  return expand(crypto, issuer.bytes(), "card iss", context, kiss);
}

bool prove_issuer(const Crypto& crypto, const Key32& kiss, const CardUid& uid,
                  IssuerCommand command, std::uint32_t n, IssuerProof& out) {
  const std::array<ByteView, 1> context{uid};
  Key32 key;
  Bytes<5> signed_part{};
  Writer head{signed_part};
  head.be(static_cast<std::uint8_t>(command)).be(n);
  out.n = n;
  const std::array<ByteView, 1> parts{signed_part};
  return expand(crypto, kiss.bytes(), "card adm", context, key) &&
         tag_under(crypto, key, parts, out.tag);
}

void write_issuer_proof(const IssuerProof& proof, Writer& out) { out.be(proof.n).raw(proof.tag); }

IssuerProof read_issuer_proof(Reader& in) {
  IssuerProof proof;
  proof.n = in.be<std::uint32_t>();
  proof.tag = in.array<kTagBytes>();
  return proof;
}

void write_presence(const Presence& presence, Writer& out) {
  out.be(static_cast<std::uint8_t>(presence.life_cycle)).be(presence.admin_counter);
  out.raw(presence.proof);
}

Presence read_presence(Reader& in) {
  Presence presence;
  presence.life_cycle = static_cast<LifeCycle>(in.be<std::uint8_t>());
  presence.admin_counter = in.be<std::uint32_t>();
  presence.proof = in.array<kTagBytes>();
  return presence;
}

bool is_present(const Crypto& crypto, const Key32& k, const CardUid& uid,
                const CardChallenge& challenge, const Presence& presence) {
  Key32 here;
  Bytes<5> state{};
  Writer head{state};
  head.be(static_cast<std::uint8_t>(presence.life_cycle)).be(presence.admin_counter);
  const std::array<ByteView, 3> parts{uid, state, challenge};
  Tag expected{};
  return expand(crypto, k.bytes(), "card here", {}, here) &&
         tag_under(crypto, here, parts, expected) && same_tag(expected, presence.proof);
}

void write_card_order(const CardOrder& order, Writer& out) {
  out.be(kCardOrderMark).raw(order.uid).raw(order.challenge);
  out.be(static_cast<std::uint8_t>(order.command));
  write_issuer_proof(order.proof, out);
}

Result<CardOrder> parse_card_order(ByteView payload) {
  Reader in{payload};
  const auto mark = in.be<std::uint8_t>();
  CardOrder order;
  order.uid = in.array<kCardUidBytes>();
  order.challenge = in.array<16>();
  order.command = static_cast<IssuerCommand>(in.be<std::uint8_t>());
  order.proof = read_issuer_proof(in);
  if (!in.done() || mark != kCardOrderMark || !is_carried(order.command)) {
    return Refusal::malformed;
  }
  return order;
}

void write_card_report(const CardReport& report, Writer& out) {
  out.be(kCardReportMark).raw(report.uid).be(report.status);
  write_presence(report.presence, out);
  out.s8(bytes_of(report.reader));
}

Result<CardReport> parse_card_report(ByteView payload) {
  Reader in{payload};
  const auto mark = in.be<std::uint8_t>();
  CardReport report;
  report.uid = in.array<kCardUidBytes>();
  report.status = in.be<std::uint16_t>();
  report.presence = read_presence(in);
  report.reader = text_of(in.s8());
  if (!in.done() || mark != kCardReportMark || report.reader.size() > kMaxReaderBytes) {
    return Refusal::malformed;
  }
  return report;
}

}  // namespace countersign
