#include <winscard.h>

#include <algorithm>

#include "countersign/client/card/pcsc_code.hpp"
#include "countersign/client/card/transport.hpp"
#include "countersign/crypto.hpp"

namespace countersign::client {
namespace {

constexpr std::size_t kAnswerBytes = 65'548;  // MAX_BUFFER_SIZE_EXTENDED

CardError told(LONG code) { return error_of(static_cast<PcscCode>(code)); }

/// T=0 has no place for Le behind data: the card says 61xx and is asked for the rest.
ByteView fit_to_protocol(ByteView command, DWORD protocol) {
  if (protocol != SCARD_PROTOCOL_T0 || command.size() < 6) {
    return command;
  }
  const std::size_t data = std::to_integer<std::size_t>(command[4]);
  return command.first(std::min(command.size(), 5 + data));
}

class PcscTransport final : public CardTransport {
 public:
  ~PcscTransport() override {
    disconnect(false);
    release();
  }

  CardError list(std::vector<ReaderState>& out) override;
  CardError connect(const std::string& reader) override;
  CardError reconnect() override;
  CardError begin() override { return told(::SCardBeginTransaction(card_)); }
  void end() override { ::SCardEndTransaction(card_, SCARD_LEAVE_CARD); }
  CardError transmit(ByteView command, std::vector<std::byte>& answer) override;
  CardError control(std::uint32_t code, ByteView command, std::vector<std::byte>& answer) override;
  void disconnect(bool reset) override;

 private:
  CardError establish();
  void release();

  SCARDCONTEXT context_ = 0;
  SCARDHANDLE card_ = 0;
  DWORD protocol_ = 0;
  bool established_ = false;
  bool connected_ = false;
};

CardError PcscTransport::establish() {
  if (established_ && ::SCardIsValidContext(context_) == SCARD_S_SUCCESS) {
    return CardError::none;
  }
  release();
  const CardError failed =
      told(::SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_));
  established_ = failed == CardError::none;
  return failed;
}

void PcscTransport::release() {
  if (established_) {
    ::SCardReleaseContext(context_);
    established_ = false;
  }
}

CardError PcscTransport::list(std::vector<ReaderState>& out) {
  out.clear();
  if (const CardError failed = establish(); failed != CardError::none) {
    return failed;
  }
  DWORD size = SCARD_AUTOALLOCATE;
  char* names = nullptr;
  const LONG code = ::SCardListReaders(context_, nullptr, reinterpret_cast<char*>(&names), &size);
  if (const CardError failed = told(code); failed != CardError::none) {
    return failed == CardError::no_reader ? CardError::none : failed;
  }
  for (const char* name = names; *name != '\0'; name += std::string_view{name}.size() + 1) {
    out.push_back({name, false});
  }
  ::SCardFreeMemory(context_, names);
  for (ReaderState& reader : out) {
    SCARD_READERSTATE state{};
    state.szReader = reader.name.c_str();
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    reader.card_present = ::SCardGetStatusChange(context_, 0, &state, 1) == SCARD_S_SUCCESS &&
                          (state.dwEventState & SCARD_STATE_PRESENT) != 0;
  }
  return CardError::none;
}

CardError PcscTransport::connect(const std::string& reader) {
  disconnect(false);
  if (const CardError failed = establish(); failed != CardError::none) {
    return failed;
  }
  const CardError failed =
      told(::SCardConnect(context_, reader.c_str(), SCARD_SHARE_SHARED,
                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card_, &protocol_));
  connected_ = failed == CardError::none;
  if (failed == CardError::no_service) {
    release();  // a context of a service that died is dead too, and does not say so
  }
  return failed;
}

CardError PcscTransport::reconnect() {
  return told(::SCardReconnect(card_, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                               SCARD_LEAVE_CARD, &protocol_));
}

CardError PcscTransport::transmit(ByteView command, std::vector<std::byte>& answer) {
  const ByteView sent = fit_to_protocol(command, protocol_);
  const SCARD_IO_REQUEST* const protocol =
      protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  answer.resize(kAnswerBytes);
  DWORD size = kAnswerBytes;
  const CardError failed =
      told(::SCardTransmit(card_, protocol, reinterpret_cast<const BYTE*>(sent.data()), sent.size(),
                           nullptr, reinterpret_cast<BYTE*>(answer.data()), &size));
  answer.resize(failed == CardError::none ? std::min<std::size_t>(size, kAnswerBytes) : 0);
  return failed;
}

CardError PcscTransport::control(std::uint32_t code, ByteView command,
                                 std::vector<std::byte>& answer) {
  answer.resize(kAnswerBytes);
  DWORD size = 0;
  const CardError failed = told(::SCardControl(card_, code, command.data(), command.size(),
                                               answer.data(), kAnswerBytes, &size));
  answer.resize(failed == CardError::none ? std::min<std::size_t>(size, kAnswerBytes) : 0);
  return failed;
}

void PcscTransport::disconnect(bool reset) {
  if (connected_) {
    ::SCardDisconnect(card_, reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    connected_ = false;
  }
}

}  // namespace

std::unique_ptr<CardTransport> make_pcsc_transport() { return std::make_unique<PcscTransport>(); }

}  // namespace countersign::client
