#include "bench_parts.hpp"

#include <cstdlib>

namespace countersign::bench {

Signer::Signer(std::size_t payload_bytes)
    : ring_(ring_words(64)),
      payload_(payload_bytes, std::byte{'7'}),
      envelope_(payload_bytes + kMaxEnvelopeBytes),
      plain_(payload_bytes + kMaxEnvelopeBytes) {
  Agreement agreement;
  agreement.kid = 1;
  if (!open_session(crypto_, agreement, 0, session_, up_)) {
    std::abort();
  }
  mac_ = openssl::OpenSslMacKey{up_.mac};
  session_.up_mac = &mac_;
  session_.window = ReplayWindow{ring_};
  sender_.sessions = &session_;
  sender_.reputation.level = Level::auth2;
}

Publish Signer::next() {
  Header header;
  header.kid = 1;
  header.seq = ++seq_ & kMaxSeq;
  const MessageContext context{.topic = bytes_of(kTopic), .props = {}};
  const auto written = write_envelope(crypto_, up_, header, context, payload_, envelope_);
  if (!written) {
    std::abort();
  }
  session_.messages = 0;  // so that no enforcement falls due
  Publish publish;
  publish.context = context;
  publish.payload = *written;
  publish.qos = 1;
  publish.permitted = true;
  return publish;
}

}  // namespace countersign::bench
