#include "port/host/torn_flash.hpp"

#include <cstdlib>
#include <cstring>

namespace countersign::mcu::host {
namespace {

constexpr std::size_t kPageWords = kPageBytes / kWordBytes;

/// One of the bits that are set in `bits`.
std::uint32_t one_of(std::uint32_t bits, std::uint32_t random) {
  std::uint32_t one = bits & random;
  one = one != 0 ? one : bits;
  return one & (~one + 1);
}

}  // namespace

TornFlash::TornFlash(std::uint32_t pages, std::uint32_t seed)
    : image_{std::vector<std::uint32_t>(pages * kPageWords, ~std::uint32_t{0}),
             std::vector<std::uint32_t>(pages * kPageWords)},
      random_{seed * 2 + 1} {}

std::uint32_t TornFlash::pages() const {
  return static_cast<std::uint32_t>(image_.words.size() / kPageWords);
}

bool TornFlash::read(std::uint32_t at, MutableBytes out) const {
  const std::size_t bytes = image_.words.size() * kWordBytes;
  if (at % kWordBytes != 0 || at > bytes || out.size() > bytes - at) {
    return false;
  }
  for (std::size_t done = 0; done < out.size(); done += kWordBytes) {
    const std::size_t index = (at + done) / kWordBytes;
    const std::uint32_t flicker = image_.noise[index] != 0 ? image_.noise[index] & noise() : 0;
    const std::uint32_t word = image_.words[index] ^ flicker;
    const std::size_t left = out.size() - done;
    std::memcpy(&out[done], &word, left < kWordBytes ? left : kWordBytes);
  }
  return true;
}

bool TornFlash::program(std::uint32_t at, ByteView words) {
  if (at % kWordBytes != 0 || words.size() % kWordBytes != 0 ||
      at + words.size() > image_.words.size() * kWordBytes) {
    std::abort();
  }
  for (std::size_t done = 0; done < words.size(); done += kWordBytes) {
    std::uint32_t word = 0;
    std::memcpy(&word, &words[done], kWordBytes);
    const std::size_t index = (at + done) / kWordBytes;
    switch (tick()) {
      case Fate::fails:
        return false;
      case Fate::tears:
        tear_word(index, (image_.words[index] | image_.noise[index]) & ~word, false);
        throw PowerCut{};
      case Fate::goes:
        program_word(index, word);
    }
  }
  return true;
}

bool TornFlash::erase(std::uint32_t page) {
  if (page >= pages()) {
    std::abort();
  }
  const Fate fate = tick();
  if (fate == Fate::fails) {
    return false;
  }
  for (std::size_t i = page * kPageWords; i < (page + 1) * kPageWords; ++i) {
    if (fate == Fate::tears) {
      tear_word(i, ~image_.words[i] | image_.noise[i], true);
      continue;
    }
    image_.words[i] = ~std::uint32_t{0};
    image_.noise[i] = 0;
  }
  if (fate == Fate::tears) {
    throw PowerCut{};
  }
  return true;
}

void TornFlash::cut_at(std::uint64_t operation, Tear tear) {
  operations_ = 0;
  cut_at_ = operation;
  tear_ = tear;
}

void TornFlash::fail_at(std::uint64_t operation) {
  operations_ = 0;
  fail_at_ = operation;
}

TornFlash::Fate TornFlash::tick() {
  ++operations_;
  if (fail_at_ != 0 && operations_ >= fail_at_) {
    return Fate::fails;
  }
  if (cut_at_ == 0 || operations_ < cut_at_) {
    return Fate::goes;
  }
  if (operations_ > cut_at_) {
    std::abort();  // nobody works without power
  }
  return Fate::tears;
}

/// xorshift32: the same in every run.
std::uint32_t TornFlash::noise() const {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return random_;
}

/// Bits that are 0 for certain may be programmed to 0 again, but no bit to 1.
void TornFlash::program_word(std::size_t index, std::uint32_t word) {
  const std::uint32_t firm_zeros = ~image_.words[index] & ~image_.noise[index];
  if ((firm_zeros & word) != 0) {
    std::abort();
  }
  image_.words[index] &= word;
  image_.noise[index] &= word;
}

/// `changing` are the bits in flight: to 1 by an erasure that `sets`, else to 0.
void TornFlash::tear_word(std::size_t index, std::uint32_t changing, bool sets) {
  std::uint32_t changed = 0;
  std::uint32_t unstable = 0;
  switch (tear_) {
    case Tear::nothing:
      break;
    case Tear::some:
      changed = changing & noise();
      break;
    case Tear::all:
      changed = changing;
      break;
    case Tear::unstable:
      unstable = changing & noise();
      changed = changing & noise();
      break;
    case Tear::nearly:
      changed = changing;
      unstable = one_of(changing, noise());
      break;
    case Tear::faintly:
      unstable = one_of(changing, noise());
      break;
  }
  image_.words[index] = sets ? image_.words[index] | changed : image_.words[index] & ~changed;
  image_.noise[index] = (image_.noise[index] & ~changed) | unstable;
}

}  // namespace countersign::mcu::host
