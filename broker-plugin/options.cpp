#include "options.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace countersign {
namespace {

/// The broker keeps trailing blanks of option values.
std::string trimmed(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r");
  return std::string{text.substr(0, last == std::string_view::npos ? 0 : last + 1)};
}

std::optional<Default> default_named(std::string_view text) {
  if (text == "allow") {
    return Default::allow;
  }
  return text == "defer" ? std::optional{Default::defer} : std::nullopt;
}

}  // namespace

std::variant<Options, std::string> read_options(const mosquitto_opt* options, int count) {
  Options out;
  std::optional<Default> acl;
  std::optional<Default> auth;
  for (const mosquitto_opt& option : std::span{options, static_cast<std::size_t>(count)}) {
    const std::string_view key = option.key;
    const std::string value = trimmed(option.value);
    if (key == "config") {
      out.config = value;
    } else if (key == "acl_default") {
      acl = default_named(value);
    } else if (key == "auth_default") {
      auth = default_named(value);
    } else {
      return "unknown option plugin_opt_" + std::string{key} +
             ": there are config, acl_default and auth_default";
    }
  }
  if (out.config.empty()) {
    return std::string{"plugin_opt_config is missing: give the path of countersign.toml"};
  }
  if (!acl || !auth) {
    return "plugin_opt_" + std::string{acl ? "auth_default" : "acl_default"} +
           " must be allow or defer: defer if a password_file, acl_file or another plugin decides "
           "too, else allow (countersign doctor tells)";
  }
  out.acl = *acl;
  out.auth = *auth;
  return out;
}

}  // namespace countersign
