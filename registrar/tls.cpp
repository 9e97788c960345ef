#include "registrar/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

namespace countersign::registrar {
namespace {

client::Error fault(const std::string& text, std::string hint = {}) {
  const char* const reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return {.fault = client::Fault::file,
          .text = text + (reason == nullptr ? "" : std::string{": "} + reason),
          .hint = std::move(hint)};
}

bool set_protocol(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 &&
         // of TLS 1.2 forward secrecy and authenticated encryption only
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

client::Status check_key_file(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return client::Error{.fault = client::Fault::file, .text = path + ": cannot be read"};
  }
  if ((about.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    return client::Error{.fault = client::Fault::file,
                         .text = path + ": may be read by everybody or written by others",
                         .hint = "chmod 0600 " + path};
  }
  return client::Done{};
}

client::Status set_certificate(SSL_CTX* context, const Settings& settings) {
  if (const auto fine = check_key_file(settings.key); !fine) {
    return fine.why();
  }
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
    return fault(settings.certificate + ": no certificate in PEM");
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fault(settings.key + ": not the private key of " + settings.certificate);
  }
  return client::Done{};
}

client::Status set_client_ca(SSL_CTX* context, const std::string& path) {
  if (path.empty()) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return client::Done{};
  }
  auto* const names = SSL_load_client_CA_file(path.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, path.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fault(path + ": no certificates in PEM");
  }
  SSL_CTX_set_client_CA_list(context, names);
  // devices have none; one that is shown must verify
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return client::Done{};
}

/// A key with a passphrase would ask the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

client::Outcome<TlsContext> load_tls(const Settings& settings) {
  ERR_clear_error();
  TlsContext context{SSL_CTX_new(TLS_server_method())};
  if (!context || !set_protocol(context.get())) {
    return fault("cannot set up TLS");
  }
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  if (const auto fine = set_certificate(context.get(), settings); !fine) {
    return fine.why();
  }
  if (const auto fine = set_client_ca(context.get(), settings.client_ca); !fine) {
    return fine.why();
  }
  return context;
}

std::string subject_of(const SSL* connection) {
  const std::unique_ptr<X509, FreeTls> certificate{SSL_get1_peer_certificate(connection)};
  const std::unique_ptr<BIO, FreeTls> text{BIO_new(BIO_s_mem())};
  if (!certificate || !text || SSL_get_verify_result(connection) != X509_V_OK ||
      X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253) <
          0) {
    return {};
  }
  char* start = nullptr;
  const long size = BIO_get_mem_data(text.get(), &start);
  return size > 0 ? std::string{start, static_cast<std::size_t>(size)} : std::string{};
}

}  // namespace countersign::registrar
