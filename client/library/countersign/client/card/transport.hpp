#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/client/card/card_error.hpp"

namespace countersign::client {

struct ReaderState {
  std::string name;
  bool card_present = false;
};

/// One connection to a reader, as PC/SC gives it: the seam behind which tests put faults. Every
/// function returns `none` or what went wrong and retries nothing. One object serves one thread.
class CardTransport {
 public:
  virtual ~CardTransport() = default;

  /// Every reader with what is in it.
  [[nodiscard]] virtual CardError list(std::vector<ReaderState>& out) = 0;
  /// Connects to a reader, shared with other applications.
  [[nodiscard]] virtual CardError connect(const std::string& reader) = 0;
  /// Takes the connection up again after `reset`.
  [[nodiscard]] virtual CardError reconnect() = 0;
  /// Between these two nobody else's commands reach the card.
  [[nodiscard]] virtual CardError begin() = 0;
  virtual void end() = 0;
  /// Sends a command; `answer` is replaced by data and status word.
  [[nodiscard]] virtual CardError transmit(ByteView command, std::vector<std::byte>& answer) = 0;
  /// A command to the reader itself, not to the card. `refused` by readers that have none such.
  [[nodiscard]] virtual CardError control(std::uint32_t /*code*/, ByteView /*command*/,
                                          std::vector<std::byte>& /*answer*/) {
    return CardError::refused;
  }
  /// Ends the connection. With `reset` nobody inherits a verified PIN.
  virtual void disconnect(bool reset) = 0;
};

/// The real one, over PC/SC, with an SCARDCONTEXT of its own.
[[nodiscard]] std::unique_ptr<CardTransport> make_pcsc_transport();

using TransportFactory = std::function<std::unique_ptr<CardTransport>()>;

}  // namespace countersign::client
