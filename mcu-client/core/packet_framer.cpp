#include "core/packet_framer.hpp"

namespace countersign::mcu {

MutableBytes PacketFramer::wanted() {
  switch (state_) {
    case State::header:
      return room_.subspan(used_, 1);
    case State::body:
      return room_.subspan(used_, rest_);
    case State::passing:
      return room_.first(rest_ < room_.size() ? rest_ : room_.size());
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
  if (state_ == State::body) {
    used_ += count;
  }
  if (rest_ == 0) {
    if (state_ == State::passing) {
      reset();
    } else {
      state_ = State::complete;
    }
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
    state_ = State::body;
  } else {
    state_ = State::passing;
    ++passed_over_;
  }
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
  state_ = State::header;
}

}  // namespace countersign::mcu
