#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "flash/flash.hpp"

namespace countersign::mcu::host {

/// What a power cut leaves of the bits that were being written.
enum class Tear : std::uint8_t {
  nothing,   ///< none has changed
  some,      ///< any of them
  all,       ///< every one: the caller just never learned of it
  unstable,  ///< any of them, and any read differently each time
  nearly,    ///< every one, but one of them reads differently each time
  faintly,   ///< none, but one of them reads differently each time
};
inline constexpr std::array kTears{Tear::nothing,  Tear::some,   Tear::all,
                                   Tear::unstable, Tear::nearly, Tear::faintly};

/// Thrown in the middle of an operation.
struct PowerCut {};

/// NOR flash in memory that loses its power at a chosen operation. Bits that were in flight may
/// stay unstable until they are programmed to 0 or erased. Breaking a rule of NOR aborts.
class TornFlash final : public Flash {
 public:
  /// All that a cut leaves: to go back to.
  struct Image {
    std::vector<std::uint32_t> words;
    std::vector<std::uint32_t> noise;  ///< bits that read differently each time
  };

  explicit TornFlash(std::uint32_t pages, std::uint32_t seed = 1);

  [[nodiscard]] std::uint32_t pages() const override;
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override;
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override;
  [[nodiscard]] bool erase(std::uint32_t page) override;

  /// The `operation`-th word programmed or page erased from now on throws PowerCut; 0: none does.
  void cut_at(std::uint64_t operation, Tear tear);
  /// From the `operation`-th on every operation fails instead, and nothing changes; 0: none does.
  void fail_at(std::uint64_t operation);
  [[nodiscard]] std::uint64_t operations() const { return operations_; }

  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] Image& image() { return image_; }

 private:
  enum class Fate : std::uint8_t { goes, fails, tears };

  [[nodiscard]] Fate tick();
  [[nodiscard]] std::uint32_t noise() const;
  void program_word(std::size_t index, std::uint32_t word);
  void tear_word(std::size_t index, std::uint32_t changing, bool sets);

  Image image_;
  std::uint64_t operations_ = 0;
  std::uint64_t cut_at_ = 0;
  std::uint64_t fail_at_ = 0;
  Tear tear_ = Tear::nothing;
  mutable std::uint32_t random_;
};

}  // namespace countersign::mcu::host
