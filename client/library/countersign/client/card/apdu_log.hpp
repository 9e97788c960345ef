#pragma once

#include <string>

#include "countersign/client/card/transport.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

/// Transports that write a line for each exchange with a card to the file at `path` (made with mode
/// 0600, appended to), or to standard error for `-`. PINs, PUKs and keys are masked, their lengths
/// are not. What cannot be written is left out: a full disk stops no card.
[[nodiscard]] Outcome<TransportFactory> log_apdus(
    const std::string& path, TransportFactory transports = make_pcsc_transport);

/// One command and its answer as the log shows them: `> 0020008104** (4) < 9000`.
[[nodiscard]] std::string masked_exchange(ByteView command, ByteView answer, bool secret_answer);
/// Whether the answer to this command is a secret.
[[nodiscard]] bool answers_secret(ByteView command);

}  // namespace countersign::client
