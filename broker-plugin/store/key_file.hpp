#pragma once

#include <memory>
#include <string>
#include <vector>

#include "countersign/crypto.hpp"
#include "store/outcome.hpp"

namespace countersign::store {

inline constexpr std::size_t kWrapNonceBytes = 12;
inline constexpr std::size_t kWrapTagBytes = 16;
inline constexpr std::size_t kWrapOverheadBytes = kWrapNonceBytes + kWrapTagBytes;

/// AES-256-GCM under one key, a random nonce each time: nonce || ciphertext || tag.
/// Not thread-safe; wipes its key.
class WrapKey {
 public:
  explicit WrapKey(const Key32& key);
  WrapKey(WrapKey&&) noexcept;
  WrapKey& operator=(WrapKey&&) noexcept;
  ~WrapKey();

  /// `out` takes `secret.size() + kWrapOverheadBytes` bytes, exactly. The secret is bound to
  /// `table` and `name`.
  [[nodiscard]] bool wrap(std::string_view table, std::string_view name, ByteView secret,
                          MutableBytes out) const;
  /// `secret` takes `wrapped.size() - kWrapOverheadBytes` bytes, exactly.
  /// \returns false for anything but what `wrap` made; `secret` is then wiped.
  [[nodiscard]] bool unwrap(std::string_view table, std::string_view name, ByteView wrapped,
                            MutableBytes secret) const;
  /// The same key again, e.g. for another thread.
  [[nodiscard]] WrapKey copy() const;

 private:
  struct Cipher;
  Key32 key_;
  std::unique_ptr<Cipher> cipher_;
};

/// Makes a key file: 32 random bytes, mode 0600, durable. Refuses where a file already is.
[[nodiscard]] Status make_key_file(const std::string& path);

/// Reads a key file. Refuses links, other files' owners, modes wider than 0600 and other sizes,
/// with words that say what to do.
[[nodiscard]] Outcome<WrapKey> load_key_file(const std::string& path);

}  // namespace countersign::store
