#pragma once

#include <mqtt/connect_options.h>

#include "countersign/client/options.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

[[nodiscard]] bool uses_tls(const TlsOptions& tls);

/// TLS as Paho takes it. May throw what Paho throws.
[[nodiscard]] mqtt::ssl_options ssl_options(const TlsOptions& tls, const std::string& trust_store);

/// Has these options carry the pre-shared key of `tls`, which must outlive the connection. Moving
/// them afterwards takes it out again.
void share_key(const TlsOptions& tls, mqtt::connect_options& out);

/// Whether these options go together, and OpenSSL knows what they name.
[[nodiscard]] Status check_tls(const TlsOptions& tls);

}  // namespace countersign::client
