#include "countersign/client/mqtt/paho_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "countersign/client/key_text.hpp"

namespace countersign::client {
namespace {

constexpr std::size_t kMaxPskBytes = 256;
constexpr std::size_t kMaxPskIdentityBytes = 128;  // RFC 4279, section 5.3

/// Ciphers of TLS 1.2 that nobody offers without a password, and we never set one: what remains
/// are those of TLS 1.3. Paho has no other way to ask for it, and heeds no version with OpenSSL.
constexpr const char* kNoneOfTls12 = "SRP";
/// Those with a fresh key first. None that a certificate has a part in, none that does not encrypt.
constexpr const char* kPskCiphers = "kECDHEPSK:kDHEPSK:kPSK:!eNULL";

std::string cipher_list(const TlsOptions& tls) {
  if (tls.version == "tlsv1.3") {
    return kNoneOfTls12;
  }
  return tls.ciphers.empty() && !tls.psk.empty() ? kPskCiphers : tls.ciphers;
}

bool is_cipher_list(const std::string& list) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free};
  const bool known = context && SSL_CTX_set_cipher_list(context.get(), list.c_str()) == 1;
  ERR_clear_error();
  return known;
}

/// How Paho C asks for the key. \returns its size; 0 if there is no room.
unsigned tell_key(const char* /*hint*/, char* identity, unsigned identity_room, unsigned char* key,
                  unsigned key_room, void* options) noexcept {
  const TlsOptions& tls = *static_cast<const TlsOptions*>(options);
  const MutableBytes out = std::as_writable_bytes(std::span{key, tls.psk.size() / 2});
  if (tls.psk_identity.size() >= identity_room || out.size() > key_room ||
      !read_hex(tls.psk, out)) {
    return 0;
  }
  std::memcpy(identity, tls.psk_identity.c_str(), tls.psk_identity.size() + 1);
  return static_cast<unsigned>(out.size());
}

/// Paho C++ 1.2 keeps its C face to itself, and its own handler for keys is called on options that
/// are gone by then. Only an explicit instantiation may name what is private.
template <auto Member>
struct Reach {
  friend MQTTAsync_connectOptions& c_face(mqtt::connect_options& options) {
    return options.*Member;
  }
};
template struct Reach<&mqtt::connect_options::opts_>;
MQTTAsync_connectOptions& c_face(mqtt::connect_options& options);

bool is_key(const std::string& hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  return hex.size() % 2 == 0 && bytes.size() <= kMaxPskBytes && read_hex(hex, bytes);
}

Status check_psk(const TlsOptions& tls) {
  if (tls.psk.empty() != tls.psk_identity.empty()) {
    return Error{Fault::usage, "a pre-shared key and its identity go together"};
  }
  if (tls.psk.empty()) {
    return Done{};
  }
  if (!tls.cafile.empty() || !tls.capath.empty() || !tls.cert.empty()) {
    return Error{Fault::usage, "a pre-shared key stands for certificates: give one or the other"};
  }
  if (!is_key(tls.psk) || tls.psk_identity.size() > kMaxPskIdentityBytes) {
    return Error{Fault::usage, "the pre-shared key is not hex, or it or its identity is too long",
                 "as in the broker's psk_file: identity:key, the key in hex without 0x"};
  }
  return Done{};
}

}  // namespace

bool uses_tls(const TlsOptions& tls) {
  return tls.enabled || !tls.cafile.empty() || !tls.capath.empty() || !tls.psk.empty();
}

mqtt::ssl_options ssl_options(const TlsOptions& tls, const std::string& trust_store) {
  mqtt::ssl_options out;
  if (!trust_store.empty()) {
    out.set_trust_store(trust_store);
  }
  if (!tls.cert.empty()) {
    out.set_key_store(tls.cert);
    out.set_private_key(tls.key);
  }
  if (const std::string ciphers = cipher_list(tls); !ciphers.empty()) {
    out.set_enabled_cipher_suites(ciphers);
  }
  if (!tls.alpn.empty()) {
    out.set_alpn_protos({tls.alpn});
  }
  out.set_enable_server_cert_auth(true);
  // who has the shared key shows no certificate, and Paho would look for a name in it
  out.set_verify(!tls.insecure && tls.psk.empty());
  return out;
}

void share_key(const TlsOptions& tls, mqtt::connect_options& out) {
  MQTTAsync_SSLOptions& ssl = *c_face(out).ssl;
  ssl.ssl_psk_cb = tell_key;
  ssl.ssl_psk_context = const_cast<TlsOptions*>(&tls);  // NOLINT(*-const-cast): a C interface
  ssl.disableDefaultTrustStore = 1;  // whoever shows a certificate instead is not believed
}

Status check_tls(const TlsOptions& tls) {
  if (!tls.version.empty() && tls.version != "tlsv1.2" && tls.version != "tlsv1.3") {
    return Error{Fault::usage, "tls version " + tls.version + " cannot be asked for",
                 "tlsv1.2 or tlsv1.3: the least that will do"};
  }
  if (tls.version == "tlsv1.3" && !tls.ciphers.empty()) {
    return Error{Fault::usage, "ciphers are those of TLS 1.2, which tlsv1.3 leaves out",
                 "leave out one or the other"};
  }
  if (tls.cert.empty() != tls.key.empty()) {
    return Error{Fault::usage, "a client certificate and its key go together"};
  }
  if (const std::string list = cipher_list(tls); !list.empty() && !is_cipher_list(list)) {
    return Error{Fault::usage, "OpenSSL knows no cipher of TLS 1.2 in \"" + list + "\"",
                 "openssl ciphers -tls1_2 lists them; those of TLS 1.3 are always on"};
  }
  return check_psk(tls);
}

}  // namespace countersign::client
