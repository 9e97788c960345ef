#include "core/packet_framer.hpp"

namespace countersign::mcu {
namespace {

constexpr std::size_t kFieldBytes = 2;  // the size of a topic, or a packet id

}  // namespace

MutableBytes PacketFramer::wanted() {
  const MutableBytes free = room_.subspan(used_);
  switch (state_) {
    case State::header:
      return free.first(1);
    case State::body:
    case State::topic_size:
    case State::topic:
    case State::id:
    case State::passing:
      return free.first(field_ < free.size() ? field_ : free.size());
    default:
      return {};
  }
}

void PacketFramer::arrived(std::size_t count) {
  if (count == 0) {
    return;
  }
  if (state_ == State::header) {
    header_byte();
    return;
  }
  rest_ -= count;
  field_ -= count;
  if (state_ != State::topic && state_ != State::passing) {
    used_ += count;  // it is kept
  }
  if (field_ == 0) {
    field_ends();
  }
}

void PacketFramer::header_byte() {
  const auto byte = std::to_integer<std::uint8_t>(room_[used_]);
  ++used_;
  ++header_;
  if (header_ == 1) {
    return;
  }
  rest_ |= static_cast<std::size_t>(byte & 0x7FU) << (7 * (header_ - 2));
  if ((byte & 0x80U) == 0) {
    body_begins();
  } else if (header_ == kMaxFixedHeaderBytes) {
    state_ = State::broken;
  }
}

void PacketFramer::body_begins() {
  if (rest_ == 0) {
    state_ = State::complete;
  } else if (rest_ <= room_.size() - used_) {
    expect(State::body, rest_);
  } else {
    ++passed_over_;
    pass_over();
  }
}

void PacketFramer::pass_over() {
  const RawPacket begun = packet();
  if (begun.type() == PacketType::publish && begun.qos() != 0) {
    expect(begun.qos() == 1 ? State::topic_size : State::broken, kFieldBytes);
  } else {
    expect(State::passing, rest_);
  }
}

/// What `state_` was to read, or to pass over, is through. A field that is kept stands at the end
/// of what is used, and gives its room back.
void PacketFramer::field_ends() {
  if (state_ == State::body || state_ == State::passing) {
    state_ = state_ == State::body ? State::complete : State::passed;
    return;
  }
  if (state_ == State::topic) {
    expect(State::id, kFieldBytes);
    return;
  }
  used_ -= kFieldBytes;
  const auto value = Reader{room_.subspan(used_)}.be<std::uint16_t>();
  if (state_ == State::topic_size) {
    const bool right = value != 0 && value + kFieldBytes <= rest_;
    expect(right ? State::topic : State::broken, value);
    return;
  }
  id_ = value;
  const State last = rest_ == 0 ? State::passed : State::passing;
  expect(id_ != 0 ? last : State::broken, rest_);
}

void PacketFramer::expect(State state, std::size_t bytes) {
  state_ = state;
  field_ = bytes;
}

RawPacket PacketFramer::packet() const {
  return {.first = std::to_integer<std::uint8_t>(room_[0]),
          .body = room_.subspan(header_, used_ - header_)};
}

void PacketFramer::next() { reset(); }

void PacketFramer::reset() {
  used_ = 0;
  header_ = 0;
  rest_ = 0;
  id_ = 0;
  expect(State::header, 1);
}

}  // namespace countersign::mcu
