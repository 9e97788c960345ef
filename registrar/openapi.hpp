#pragma once

#include <string_view>

namespace countersign::registrar {

/// registrar/openapi.yaml as it was built in.
extern const std::string_view kOpenApi;

}  // namespace countersign::registrar
