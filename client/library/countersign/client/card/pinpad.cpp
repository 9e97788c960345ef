#include "countersign/client/card/pinpad.hpp"

#include <reader.h>
#include <winscard.h>

#include "countersign/client/card/apdu.hpp"
#include "countersign/client/pin.hpp"

namespace countersign::client {
namespace {

constexpr std::uint8_t kSeconds = 30;
constexpr std::uint8_t kAsciiBytes = 0x82;
constexpr std::uint8_t kOkKey = 0x02;
constexpr std::uint8_t kOneMessage = 1;
constexpr std::uint16_t kEnglish = 0x0409;
constexpr std::uint8_t kCommandBytes = 4;

// what the reader says for the card (part 10, section 2.5.2)
constexpr std::uint16_t kTimeOver = 0x6400;
constexpr std::uint16_t kCancelled = 0x6401;
constexpr std::uint16_t kWrongLength = 0x6403;

/// The structure is in the host's order on Intel and in CCID's everywhere: the same.
Writer& put_le16(Writer& out, std::uint16_t value) {
  return out.be(static_cast<std::uint8_t>(value & 0xFFU))
      .be(static_cast<std::uint8_t>(value >> 8U));
}

}  // namespace

std::optional<std::uint32_t> find_pinpad(CardTransport& transport) {
  std::vector<std::byte> features;
  if (transport.control(CM_IOCTL_GET_FEATURE_REQUEST, {}, features) != CardError::none) {
    return std::nullopt;
  }
  // each is tag[1] length[1] value[length], the value a control code, big-endian
  Reader in{features};
  while (in.ok() && !in.done()) {
    const auto tag = in.be<std::uint8_t>();
    const auto size = in.be<std::uint8_t>();
    const ByteView value = in.take(size);
    if (in.ok() && tag == FEATURE_VERIFY_PIN_DIRECT && size == 4) {
      return Reader{value}.be<std::uint32_t>();
    }
  }
  return std::nullopt;
}

Bytes<kVerifyStructureBytes> verify_structure() {
  Bytes<kVerifyStructureBytes> bytes{};
  Writer out{bytes};
  out.be(kSeconds).be(kSeconds).be(kAsciiBytes).be(std::uint8_t{0}).be(std::uint8_t{0});
  put_le16(out, static_cast<std::uint16_t>(kMinPinBytes << 8U | kMaxPinBytes));
  out.be(kOkKey).be(kOneMessage);
  put_le16(out, kEnglish);
  out.be(std::uint8_t{0}).raw(Bytes<3>{});
  out.be(kCommandBytes).raw(Bytes<3>{});
  out.be(std::uint8_t{0}).be(kVerify.ins).be(kVerify.p1).be(kVerify.p2);
  return bytes;
}

CardFailure verify_on_pinpad(CardTransport& transport, std::uint32_t control_code) {
  std::vector<std::byte> answer;
  if (const CardError failed = transport.control(control_code, verify_structure(), answer);
      failed != CardError::none) {
    return {.what = failed};
  }
  Reader in{answer};
  const auto status = in.be<std::uint16_t>();
  if (!in.done()) {
    return {.what = CardError::malformed};
  }
  CardFailure failure = failure_of(status);
  if (status == kTimeOver || status == kCancelled || status == kWrongLength) {
    failure.what = CardError::pin_not_typed;
  }
  return failure;
}

}  // namespace countersign::client
