#pragma once

#include "countersign/client/outcome.hpp"
#include "registrar/answer.hpp"

namespace countersign::registrar {

/// What a client is told when the plugin refused a command, or could not be asked.
[[nodiscard]] Answer answer_to(const client::Error& error);

}  // namespace countersign::registrar
