#include "countersign/client/session/live_session.hpp"

#include "countersign/base64url.hpp"
#include "countersign/properties.hpp"
#include "countersign/resume.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {
namespace {

Error cannot_sign(Refusal why) {
  return {Fault::usage, "the message cannot be signed: " + std::string{name_of(why)}, {}, why};
}

std::string as_cs1(ByteView header_and_tag) {
  std::string text(base64url_size(header_and_tag.size()), '\0');
  const std::string_view written = encode_base64url(header_and_tag, text);
  return std::string{written};
}

std::uint8_t flags_of(const PublishOptions& options) {
  unsigned flags = options.sealed ? kSealed : 0U;
  flags |= options.retain ? kRetainIntent : 0U;
  flags |= options.short_tag ? kShortTag : 0U;
  flags |= options.on_card ? kOnCardTag : 0U;
  return static_cast<std::uint8_t>(flags);
}

}  // namespace

std::optional<std::vector<std::byte>> signed_props(const MessageProperties& from) {
  Properties props;
  props.has_payload_format = from.payload_format.has_value();
  props.payload_format = from.payload_format.value_or(0);
  props.has_content_type = from.content_type.has_value();
  props.has_response_topic = from.response_topic.has_value();
  props.has_correlation_data = from.correlation_data.has_value();
  if (from.content_type) {
    props.content_type = bytes_of(*from.content_type);
  }
  if (from.response_topic) {
    props.response_topic = bytes_of(*from.response_topic);
  }
  if (from.correlation_data) {
    props.correlation_data = *from.correlation_data;
  }
  std::vector<std::byte> room(kMaxPropsBytes);
  Writer out{room};
  props.write(out);
  if (!out.ok()) {
    return std::nullopt;
  }
  room.resize(out.written().size());
  return room;
}

std::unique_ptr<LiveSession> LiveSession::open(const Crypto& crypto, const Agreement& agreement) {
  std::unique_ptr<LiveSession> session{new LiveSession};
  session->auth_code_ = agreement.auth_code;
  session->kid_ = agreement.kid;
  session->sk_ = agreement.sk;
  session->window_ = ReplayWindow{session->ring_};
  const bool derived = derive(crypto, agreement.sk, Direction::up, session->up_) &&
                       derive(crypto, agreement.sk, Direction::down, session->down_);
  return derived ? std::move(session) : nullptr;
}

Outcome<SignedMessage> LiveSession::sign(const Crypto& crypto, KeySource& card,
                                         std::string_view topic, ByteView props, ByteView payload,
                                         const PublishOptions& options) {
  if (exhausted()) {
    return cannot_sign(Refusal::expired);
  }
  const Header header{.flags = flags_of(options), .kid = kid_, .seq = next_seq_, .card_counter = 0};
  const MessageContext context{.topic = bytes_of(topic), .props = props};
  ++next_seq_;  // never used again, whatever happens now
  return options.on_card ? sign_on_card(crypto, card, header, context, payload, options.form)
                         : sign_here(crypto, header, context, payload, options.form);
}

Outcome<SignedMessage> LiveSession::sign_here(const Crypto& crypto, const Header& header,
                                              const MessageContext& context, ByteView payload,
                                              Form form) {
  SignedMessage out;
  out.seq = header.seq;
  if (form == Form::payload) {
    out.payload.resize(payload.size() + kMaxEnvelopeBytes);
    const auto written = write_envelope(crypto, up_, header, context, payload, out.payload);
    if (!written) {
      return cannot_sign(written.why());
    }
    out.payload.resize(written->size());
    return out;
  }
  Bytes<kMaxEnvelopeBytes> room;
  out.payload.resize(payload.size());
  const auto written = write_property(crypto, up_, header, context, payload, out.payload, room);
  if (!written) {
    return cannot_sign(written.why());
  }
  if (!header.sealed()) {
    out.payload.assign(payload.begin(), payload.end());
  }
  out.cs1 = as_cs1(*written);
  return out;
}

Outcome<SignedMessage> LiveSession::sign_on_card(const Crypto& crypto, KeySource& card,
                                                 Header header, const MessageContext& context,
                                                 ByteView payload, Form form) {
  Key32 bind;
  Digest digest;
  if (header.sealed() || header.short_tag() ||
      !expand(crypto, sk_.bytes(), "card bind", {}, bind) ||
      !card_digest(crypto, bind, header, context, payload, digest)) {
    return cannot_sign(Refusal::malformed);
  }
  const auto checksum = card.checksum(digest);
  if (!checksum) {
    return checksum.why();
  }
  header.card_counter = checksum->counter;
  Bytes<kMaxHeaderBytes> head;
  Writer head_out{head};
  if (!write_header(header, head_out)) {
    return cannot_sign(Refusal::malformed);
  }
  SignedMessage out;
  out.seq = header.seq;
  const auto append = [](std::vector<std::byte>& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  };
  std::vector<std::byte> around;
  append(form == Form::payload ? out.payload : around, head_out.written());
  append(out.payload, payload);
  append(form == Form::payload ? out.payload : around, checksum->tag);
  out.cs1 = form == Form::property ? as_cs1(around) : std::string{};
  return out;
}

LiveSession::Down LiveSession::open_down(const Crypto& crypto, std::string_view topic,
                                         ByteView wire) {
  Down out;
  const auto claim = parse_envelope(wire);
  if (!claim || claim->header.on_card()) {
    out.why = claim ? Refusal::malformed : claim.why();
    return out;
  }
  if (claim->header.kid != kid_) {
    out.why = Refusal::unknown_kid;
    return out;
  }
  const MessageContext context{.topic = bytes_of(topic), .props = {}};
  out.payload.assign(claim->body.begin(), claim->body.end());
  if (claim->header.sealed()) {
    out.why = open_envelope(crypto, down_, *claim, context, out.payload);
  } else {
    const openssl::OpenSslMacKey key{down_.mac};
    out.why = verify(key, *claim, context);
  }
  out.sealed = claim->header.sealed();
  // nothing above this line changes state; a short tag never does
  if (out.why == Refusal::none) {
    out.why = claim->header.short_tag() ? Refusal::denied : window_.spend(claim->header.seq);
  }
  if (out.why != Refusal::none) {
    wipe(out.payload);
    out.payload.clear();
  }
  return out;
}

std::string LiveSession::prove(const Crypto& crypto, std::string_view client_id) {
  std::string text(kResumeTextBytes, '\0');
  const auto proof = write_resume_proof(crypto, sk_, kid_, ++n_, client_id, text);
  return std::string{proof};
}

}  // namespace countersign::client
