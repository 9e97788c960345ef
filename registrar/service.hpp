#pragma once

#include <string>

#include "registrar/settings.hpp"

namespace countersign::registrar {

/// Runs the service until SIGTERM or SIGINT; SIGHUP opens the log anew and takes certificates,
/// administrators and token hashes from the configuration at `path` as it is then. Make sure no
/// thread runs yet: signals are held back in all of them. \returns the exit code.
[[nodiscard]] int run_service(const Settings& settings, const std::string& path);

/// All that `run_service` needs, tried: certificates, key file, log. Says what is wrong.
[[nodiscard]] client::Status check_service(const Settings& settings);

}  // namespace countersign::registrar
