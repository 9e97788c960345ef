#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "countersign/client/outcome.hpp"
#include "registrar/settings.hpp"

namespace countersign::registrar {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTls>;
using TlsConnection = std::unique_ptr<SSL, FreeTls>;

/// What every connection begins with: TLS 1.2 or newer, our certificate, and whose certificates
/// administrators show. No sessions are resumed: each connection is judged anew.
[[nodiscard]] client::Outcome<TlsContext> load_tls(const Settings& settings);

/// The subject (RFC 2253) of the client's certificate; empty if it has shown none. One that does
/// not verify has ended the handshake.
[[nodiscard]] std::string subject_of(const SSL* connection);

}  // namespace countersign::registrar
