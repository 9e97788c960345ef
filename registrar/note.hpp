#pragma once

#include <string_view>

namespace countersign::registrar {

/// One line for the operator, on standard error: `countersign-registrar: text`.
void note(std::string_view text);

}  // namespace countersign::registrar
