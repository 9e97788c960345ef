#pragma once

#include <cstdint>
#include <random>

#include "countersign/crypto.hpp"
#include "unit/octets.hpp"

namespace countersign::test {

/// Plays back the bytes it was given, in order, and fails when they end.
class ScriptedRandom final : public Random {
 public:
  ScriptedRandom() = default;
  explicit ScriptedRandom(Octets script) : script_{std::move(script)} {}

  [[nodiscard]] bool fill(MutableBytes out) override {
    if (out.size() > script_.size() - used_) {
      return false;
    }
    copy(ByteView{script_}.subspan(used_), out);
    used_ += out.size();
    return true;
  }

  [[nodiscard]] bool spent() const { return used_ == script_.size(); }

 private:
  Octets script_;
  std::size_t used_ = 0;
};

/// The same bytes in every run: for tests only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint32_t seed = 1) : engine_{seed} {}

  [[nodiscard]] bool fill(MutableBytes out) override {
    for (std::byte& b : out) {
      b = static_cast<std::byte>(engine_() & 0xFFU);
    }
    return true;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace countersign::test
