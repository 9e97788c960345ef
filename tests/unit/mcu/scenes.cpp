#include "unit/mcu/scenes.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace countersign::mcu::test {
namespace {

constexpr std::uint16_t kIds = 12;
constexpr std::size_t kSecretStart = 8;  // so many bytes of a secret are looked for

std::uint32_t below(std::mt19937& random, std::uint32_t end) {
  return static_cast<std::uint32_t>(random()) % end;
}

}  // namespace

Data random_data(std::mt19937& random, std::size_t size) {
  Data data(size);
  std::ranges::generate(data, [&] { return static_cast<std::byte>(random() & 0xFFU); });
  if (below(random, 4) == 0) {
    const std::size_t blank = std::min<std::size_t>(size, 12);
    std::fill_n(data.begin(), blank, std::byte{0xFF});
  }
  return data;
}

void StoreScene::begin(host::TornFlash& flash) {
  flash_ = &flash;
  store_.emplace(flash, 0);
  if (!store_->open()) {
    throw std::runtime_error{"a blank store does not open"};
  }
  // not far from the end of a page
  for (std::size_t step = 0; step < 62; ++step) {
    act(step);
  }
}

void StoreScene::act(std::size_t) {
  Change next{static_cast<std::uint16_t>(1 + below(random_, kIds)), {}};
  const bool secret = next.id % 3 == 0;
  if (below(random_, 6) != 0) {
    const std::uint32_t size = next.id % 4 == 0 ? 60 + below(random_, 141) : below(random_, 40);
    // a secret of one word might be found by chance
    next.to = Kept{random_data(random_, secret ? 16 + size % 64 : size),
                   static_cast<std::uint8_t>(secret ? kSecretRecord | 0x10 : 0x04)};
  }
  change(next);
}

void StoreScene::lose_secret(std::uint16_t id) {
  const auto found = model_.find(id);
  if (found != model_.end() && (found->second.flags & kSecretRecord) != 0) {
    gone_.push_back(found->second.data);
    gone_.erase(gone_.begin(), gone_.size() > 4 ? gone_.begin() + 1 : gone_.begin());
  }
}

void StoreScene::change(const Change& change) {
  const bool there = model_.contains(change.id);
  pending_ = change;
  const Stored stored = change.to ? store_->put(change.id, change.to->data, change.to->flags)
                                  : store_->remove(change.id);
  pending_.reset();
  const Stored expected = change.to || there ? Stored::done : Stored::absent;
  if (stored == Stored::full) {
    return;
  }
  if (stored != expected) {
    throw std::runtime_error{"a change was not made"};
  }
  lose_secret(change.id);
  model_.erase(change.id);
  if (change.to) {
    model_.emplace(change.id, *change.to);
  }
}

std::optional<StoreScene::Kept> StoreScene::stored(std::uint16_t id) const {
  RecordInfo info;
  if (store_->look(id, info) != Stored::done) {
    return {};
  }
  Kept kept{Data(info.size), info.flags};
  std::size_t got = 0;
  if (store_->get(id, 0, kept.data, got) != Stored::done || got != info.size) {
    return Kept{{}, 0xFF};
  }
  return kept;
}

bool StoreScene::readable(const Data& secret) const {
  const auto& words = flash_->image().words;
  const auto* const begin = reinterpret_cast<const std::byte*>(words.data());
  const auto* const end = begin + words.size() * kWordBytes;
  return std::search(begin, end, secret.end() - kSecretStart, secret.end()) != end;
}

const char* StoreScene::recover() {
  store_.emplace(*flash_, 0);
  if (!store_->open()) {
    return "the store does not open";
  }
  return compare();
}

const char* StoreScene::compare() {
  if (pending_) {
    const auto old = model_.find(pending_->id);
    const auto now = stored(pending_->id);
    const bool is_old = old == model_.end() ? !now : now == old->second;
    if (!is_old && now != pending_->to) {
      return "neither the old record nor the new one is there";
    }
    if (!is_old) {
      lose_secret(pending_->id);
      model_.erase(pending_->id);
      if (now) {
        model_.emplace(pending_->id, *now);
      }
    } else if (pending_->to && (pending_->to->flags & kSecretRecord) != 0) {
      gone_.push_back(pending_->to->data);
    }
    pending_.reset();
  }
  for (std::uint16_t id = 1; id <= kIds; ++id) {
    const auto expected = model_.find(id);
    const auto now = stored(id);
    if (expected == model_.end() ? now.has_value() : now != expected->second) {
      return expected == model_.end() ? "a removed record is back" : "a record is lost or changed";
    }
  }
  if (store_->records() != model_.size()) {
    return "there are records that nobody wrote";
  }
  return std::ranges::any_of(gone_, [this](const Data& secret) { return readable(secret); })
             ? "a secret that was replaced can still be read"
             : nullptr;
}

void LeaseScene::begin(host::TornFlash& flash) {
  flash_ = &flash;
  if (!start()) {
    throw std::runtime_error{"a blank store does not open"};
  }
}

bool LeaseScene::start() {
  // boots, epochs, readings
  constexpr std::array<LeasedCounter::Terms, kCounters> kTerms{
      {{1, 0, 1U << 28, 1}, {2, 1, 1U << 28, 4}, {3, 1, 1U << 28, 64}}};
  store_.emplace(*flash_, 0);
  counters_.clear();
  if (!store_->open()) {
    return false;
  }
  for (const auto& terms : kTerms) {
    counters_.emplace_back(*store_, terms);
  }
  return std::ranges::all_of(counters_, [](LeasedCounter& counter) { return counter.open(); });
}

const char* LeaseScene::take(std::size_t which) {
  constexpr std::array<std::int64_t, kCounters> kBlocks{1, 4, 64};
  std::uint32_t value = 0;
  if (!counters_[which].take(value)) {
    return "no number is given";
  }
  if (value <= greatest_[which]) {
    return "a number is given twice";
  }
  if (value > greatest_[which] + 1 + starts_[which] * kBlocks[which]) {
    return "more numbers are lost than are leased";
  }
  greatest_[which] = value;
  starts_[which] = 0;
  return nullptr;
}

void LeaseScene::act(std::size_t step) {
  const std::size_t which = step % 5 == 0 ? 0 : step % 5 == 1 ? 1 : 2;
  for (std::size_t i = 0; i < (which == 2 ? 70 : 2); ++i) {
    if (const char* wrong = take(which); wrong != nullptr) {
      throw std::runtime_error{wrong};
    }
  }
}

const char* LeaseScene::recover() {
  std::ranges::for_each(starts_, [](auto& starts) { ++starts; });
  if (!start()) {
    return "the counters do not open";
  }
  for (std::size_t which = 0; which < kCounters; ++which) {
    if (const char* wrong = take(which); wrong != nullptr) {
      return wrong;
    }
  }
  return nullptr;
}

void RingScene::begin(host::TornFlash& flash) {
  flash_ = &flash;
  ring_.emplace(flash, Region{0, kPages});
  if (!ring_->open()) {
    throw std::runtime_error{"a blank ring does not open"};
  }
}

void RingScene::append() {
  // now and then numbers are skipped, as after a start, and once far enough for a new page
  number_ += below(random_, 8) == 0 ? 64U : 1U;
  number_ += below(random_, 12) == 0 ? 70'000U : 0U;
  const std::size_t size = below(random_, 12) == 0 ? below(random_, 201) : 4 + below(random_, 16);
  Data payload = random_data(random_, size);
  model_.push_back({number_, payload, false, false, false});
  const std::uint32_t refused = ring_->refused();
  if (ring_->append(number_, payload)) {
    model_.back().acknowledged = true;
    acknowledged_ = number_;
    return;
  }
  if (ring_->refused() == refused) {
    throw std::runtime_error{"a reading was refused for no reason"};
  }
  model_.pop_back();
}

void RingScene::mark(std::size_t index) {
  // the mark of one whose marking was cut may be seen or not
  const bool may_be_marked = std::exchange(model_[index].marking, true);
  if (!ring_->mark(model_[index].number)) {
    return may_be_marked ? void()
                         : throw std::runtime_error{"a reading that waits cannot be marked"};
  }
  model_.erase(model_.begin() + static_cast<std::ptrdiff_t>(index));
}

void RingScene::act(std::size_t step) {
  // readings pile up until the ring is full, and are sent
  const bool sends = step % 60 >= 40 || below(random_, 8) == 0;
  if (!sends || model_.empty()) {
    append();
    return;
  }
  for (std::size_t i = 0; i < 3 && !model_.empty(); ++i) {
    // receipts come nearly in order
    const bool first = below(random_, 4) != 0 || model_.size() < 3;
    if (model_.front().marking || !model_.front().acknowledged) {
      if (const char* wrong = compare(); wrong != nullptr) {
        throw std::runtime_error{wrong};
      }
    }
    if (!model_.empty()) {
      mark(first || model_.size() < 3 ? 0 : 1 + below(random_, 2));
    }
  }
}

const char* RingScene::recover() {
  ring_.emplace(*flash_, Region{0, kPages});
  if (!ring_->open()) {
    return "the ring does not open";
  }
  if (const char* wrong = compare(); wrong != nullptr) {
    return wrong;
  }
  if (ring_->greatest() < acknowledged_) {
    return "the greatest number is forgotten";
  }
  return nullptr;
}

const char* RingScene::compare() {
  Waiting waiting;
  bool found = ring_->first(waiting);
  for (auto reading = model_.begin(); reading != model_.end();) {
    const bool there = found && waiting.number == reading->number;
    if (!there && reading->acknowledged && !reading->marking) {
      return "a reading is lost";
    }
    if (!there) {
      reading = model_.erase(reading);
      continue;
    }
    Data payload(waiting.size);
    if (!ring_->read(waiting, payload) || payload != reading->payload) {
      return "a reading is changed";
    }
    found = ring_->next(waiting, waiting);
    ++reading;
  }
  return found ? "a reading comes twice, or was never taken" : nullptr;
}

}  // namespace countersign::mcu::test
