#include <array>
#include <exception>
#include <new>

#include "host_check.hpp"
#include "plugin.hpp"

using countersign::Options;
using countersign::Plugin;

namespace {

/// Adapts a member function to the broker's C callback. Nothing thrown may cross it: what fails
/// inside is refused.
template <class Event, int (Plugin::*Handler)(Event&), int OnFault>
int callback(int, void* event, void* plugin) {
  try {
    return (static_cast<Plugin*>(plugin)->*Handler)(*static_cast<Event*>(event));
  } catch (const std::exception& error) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: internal error: %s", error.what());
  } catch (...) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: internal error");
  }
  return OnFault;
}

struct Hook {
  int event;
  MOSQ_FUNC_generic_callback function;
  const char* data;
};

constexpr std::array kHooks{
    Hook{MOSQ_EVT_BASIC_AUTH,
         callback<mosquitto_evt_basic_auth, &Plugin::on_basic_auth, MOSQ_ERR_AUTH>, nullptr},
    Hook{MOSQ_EVT_ACL_CHECK,
         callback<mosquitto_evt_acl_check, &Plugin::on_acl_check, MOSQ_ERR_ACL_DENIED>, nullptr},
    Hook{MOSQ_EVT_MESSAGE,
         callback<mosquitto_evt_message, &Plugin::on_message, MOSQ_ERR_ACL_DENIED>, nullptr},
    Hook{MOSQ_EVT_CONTROL, callback<mosquitto_evt_control, &Plugin::on_control, MOSQ_ERR_SUCCESS>,
         "$CONTROL/countersign/auth"},
    Hook{MOSQ_EVT_CONTROL, callback<mosquitto_evt_control, &Plugin::on_control, MOSQ_ERR_SUCCESS>,
         "$CONTROL/countersign/v1"},
    Hook{MOSQ_EVT_DISCONNECT,
         callback<mosquitto_evt_disconnect, &Plugin::on_disconnect, MOSQ_ERR_SUCCESS>, nullptr},
    Hook{MOSQ_EVT_TICK, callback<mosquitto_evt_tick, &Plugin::on_tick, MOSQ_ERR_SUCCESS>, nullptr},
    Hook{MOSQ_EVT_RELOAD, callback<mosquitto_evt_reload, &Plugin::on_reload, MOSQ_ERR_PLUGIN_DEFER>,
         nullptr},
};

int register_hooks(mosquitto_plugin_id_t* id, Plugin* plugin) {
  for (const Hook& hook : kHooks) {
    const int result =
        mosquitto_callback_register(id, hook.event, hook.function, hook.data, plugin);
    if (result != MOSQ_ERR_SUCCESS) {
      mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: cannot hook event %d: error %d", hook.event,
                           result);
      return result;
    }
  }
  return MOSQ_ERR_SUCCESS;
}

std::unique_ptr<Plugin> make_plugin(const mosquitto_opt* options, int count) {
  if (const std::string problem = countersign::check_host(); !problem.empty()) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: %s", problem.c_str());
    return nullptr;
  }
  auto read = countersign::read_options(options, count);
  if (const auto* const problem = std::get_if<std::string>(&read); problem != nullptr) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: %s", problem->c_str());
    return nullptr;
  }
  auto plugin = std::make_unique<Plugin>(*std::get_if<Options>(&read));
  return plugin->start() ? std::move(plugin) : nullptr;
}

}  // namespace

[[gnu::visibility("default")]] int mosquitto_plugin_version(int supported_version_count,
                                                            const int* supported_versions) {
  for (int i = 0; i < supported_version_count; ++i) {
    if (supported_versions[i] == 5) {
      return 5;
    }
  }
  return -1;
}

[[gnu::visibility("default")]] int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier,
                                                         void** user_data, mosquitto_opt* options,
                                                         int option_count) {
  try {
    auto plugin = make_plugin(options, option_count);
    if (!plugin) {
      return MOSQ_ERR_INVAL;
    }
    const int result = register_hooks(identifier, plugin.get());
    *user_data = result == MOSQ_ERR_SUCCESS ? plugin.release() : nullptr;
    return result;
  } catch (const std::exception& error) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: cannot start: %s", error.what());
  } catch (...) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: cannot start");
  }
  return MOSQ_ERR_UNKNOWN;
}

[[gnu::visibility("default")]] int mosquitto_plugin_cleanup(void* user_data, mosquitto_opt*, int) {
  const std::unique_ptr<Plugin> plugin{static_cast<Plugin*>(user_data)};
  try {
    if (plugin) {
      plugin->stop();
    }
  } catch (const std::exception& error) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "countersign: cannot stop in order: %s", error.what());
  }
  return MOSQ_ERR_SUCCESS;
}
