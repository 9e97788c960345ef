#pragma once

#include <array>
#include <span>
#include <string_view>

#include "countersign/command.hpp"
#include "vault/command_keys.hpp"

namespace countersign::mcu {

/// Who may command this device, and what: the responder with the keys that it tries. Wipes itself.
class CommandDesk {
 public:
  /// `names` are the commanders of `keys`, in the same order; `words` is what may be asked. Both
  /// are borrowed and outlive it. If a key cannot be derived, nobody commands.
  CommandDesk(const CommandKeys& keys, std::string_view device,
              std::span<const std::string_view> names, std::span<const std::string_view> words)
      : count_{derive_all(keys, device, names)},
        responder_{std::span<const Commander>{commanders_}.first(count_), words} {}
  CommandDesk(const CommandDesk&) = delete;
  CommandDesk& operator=(const CommandDesk&) = delete;
  ~CommandDesk() = default;

  [[nodiscard]] CommandResponder& responder() { return responder_; }
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  std::size_t derive_all(const CommandKeys& keys, std::string_view device,
                         std::span<const std::string_view> names) {
    const std::size_t count = names.size() < keys.size() ? names.size() : keys.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (!derive_command_key(keys[i], device, names[i], keys_[i])) {
        return 0;
      }
      commanders_[i] = {.identity = names[i], .key = &keys_[i]};
    }
    return count;
  }

  std::array<CommandKey, mcu::kMaxCommanders> keys_{};
  std::array<Commander, mcu::kMaxCommanders> commanders_{};
  std::size_t count_;
  CommandResponder responder_;
};

}  // namespace countersign::mcu
