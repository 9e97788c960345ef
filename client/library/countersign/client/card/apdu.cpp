#include "countersign/client/card/apdu.hpp"

namespace countersign::client {

Apdu::Apdu(Instruction instruction, ByteView data, std::optional<std::uint8_t> answer_bytes) {
  Writer out{bytes_};
  out.be(std::uint8_t{0}).be(instruction.ins).be(instruction.p1).be(instruction.p2);
  if (!data.empty()) {
    out.s8(data);
  }
  if (answer_bytes) {
    out.be(*answer_bytes);
  }
  size_ = out.ok() ? out.written().size() : 0;
}

CardFailure failure_of(std::uint16_t status) {
  CardFailure failure{.what = CardError::refused, .status = status};
  if ((status & 0xFFF0U) == 0x63C0) {
    failure.tries = static_cast<std::uint8_t>(status & 0x0FU);
    failure.what = failure.tries == 0 ? CardError::pin_blocked : CardError::wrong_pin;
    return failure;
  }
  switch (status) {
    case 0x9000:
      failure.what = CardError::none;
      break;
    case 0x6982:
      failure.what = CardError::pin_needed;
      break;
    case 0x6983:
      failure.what = CardError::pin_blocked;
      break;
    case 0x6984:
      failure.what = CardError::exhausted;
      break;
    case 0x6985:
      failure.what = CardError::not_personalised;
      break;
    case 0x6283:
      failure.what = CardError::deactivated;
      break;
    default:
      break;
  }
  return failure;
}

std::optional<ByteView> find_object(ByteView objects, std::uint8_t tag) {
  Reader in{objects};
  while (in.ok() && !in.done()) {
    const auto found = in.be<std::uint8_t>();
    const auto size = in.be<std::uint8_t>();
    const ByteView value = in.take(size);
    if (!in.ok() || size >= 0x80) {
      return std::nullopt;
    }
    if (found == tag) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace countersign::client
