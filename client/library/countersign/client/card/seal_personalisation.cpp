#include "countersign/client/card/seal_personalisation.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "countersign/keys.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {
namespace {

constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kMaxPlainBytes = 176;
constexpr std::byte kPadStart{0x80};  // ISO/IEC 9797-1, padding method 2

void write_object(Writer& out, std::uint8_t tag, ByteView value) { out.be(tag).s8(value); }

/// The TLVs, padded to whole blocks.
void write_padded(const Personalisation& what, SecretField& out) {
  Writer& objects = out.writer();
  const Bytes<1> flags{what.pin_per_operation ? std::byte{1} : std::byte{0}};
  write_object(objects, 0x81, what.identity.bytes());
  write_object(objects, 0x82, what.key.key().bytes());
  write_object(objects, 0x83, what.pin.bytes());
  write_object(objects, 0x84, what.puk.bytes());
  write_object(objects, 0x85, what.issuer_key.key().bytes());
  write_object(objects, 0x86, flags);
  objects.be(std::to_integer<std::uint8_t>(kPadStart));
  while (objects.ok() && out.bytes().size() % kBlockBytes != 0) {
    objects.be(std::uint8_t{0});
  }
}

bool encrypt(const Key16& key, const Bytes<16>& iv, ByteView plain, MutableBytes out) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  const auto* const key_bytes = reinterpret_cast<const unsigned char*>(key.bytes().data());
  const auto* const iv_bytes = reinterpret_cast<const unsigned char*>(iv.data());
  int size = 0;
  return out.size() == plain.size() && context &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key_bytes, iv_bytes) == 1 &&
         EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
         EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                           reinterpret_cast<const unsigned char*>(plain.data()),
                           static_cast<int>(plain.size())) == 1 &&
         static_cast<std::size_t>(size) == plain.size();
}

}  // namespace

bool seal_personalisation(const LockedKey& transport_key, const CardUid& uid,
                          const Personalisation& what, const Bytes<16>& iv, SecretField& out) {
  const openssl::OpenSslCrypto crypto;
  const std::array<ByteView, 1> context{uid};
  const Key32 transport = transport_key.key();
  Key16 enc;
  Key32 mac;
  if (!expand16(crypto, transport.bytes(), "card perso enc", context, enc) ||
      !expand(crypto, transport.bytes(), "card perso mac", context, mac)) {
    return false;
  }
  SecretField plain;
  write_padded(what, plain);
  if (!plain.writer().ok() || plain.bytes().size() > kMaxPlainBytes) {
    return false;
  }
  out.writer().raw(iv);
  if (!encrypt(enc, iv, plain.bytes(), out.writer().claim(plain.bytes().size()))) {
    return false;
  }
  Digest tag;
  const std::array<ByteView, 1> sealed{out.bytes()};
  if (!crypto.hmac(mac.bytes(), sealed, tag)) {
    return false;
  }
  out.writer().raw(ByteView{tag}.first(kTagBytes));
  return out.writer().ok();
}

}  // namespace countersign::client
