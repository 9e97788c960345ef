#include "app/replay_sensor.hpp"
#include "tools/address_text.hpp"
#include "tools/command.hpp"
#include "tools/flash_report.hpp"
#include "tools/hex.hpp"

namespace countersign::mcu::tools {
namespace {

using RecordName = std::string (*)(std::uint16_t);

std::string name_of_device_record(std::uint16_t) { return "unknown"; }

std::string text_of_endpoint(const Settings& settings) {
  return text_of_address(settings.broker) + ":" + std::to_string(settings.broker_port);
}

std::string text_of_own_address(const Settings& settings) {
  return text_of_network({.address = settings.address, .mask = settings.mask});
}

template <class Texts>
Json list_of(const Texts& texts) {
  Json out = Json::array();
  for (const auto& text : texts) {
    out.push_back(text);
  }
  return out;
}

/// What stands in the settings, but for a registration's password and values.
Json json_of(const Settings* settings) {
  if (settings == nullptr) {
    return nullptr;
  }
  Json out{{"identity", settings->identity},           {"server_id", settings->server_id},
           {"method", settings->mfar ? "mfar" : "a+"}, {"suite", settings->suite},
           {"broker", text_of_endpoint(*settings)},    {"dhcp", !settings->has_address}};
  if (settings->has_address) {
    out["address"] = text_of_own_address(*settings);
    out["gateway"] = text_of_address(settings->gateway);
  }
  out.update({{"topic", settings->topic},
              {"interval_ms", settings->interval_ms},
              {"readings", settings->readings},
              {"live", settings->live},
              {"sealed", settings->sealed},
              {"commands", list_of(settings->commands())},
              {"commanders", list_of(settings->commanders())},
              {"command_port", settings->command_port},
              {"wake", hex_of(settings->wake)},
              {"will_topic", settings->will_topic},
              {"will_payload", text_of(settings->will_payload)},
              {"registered_fields", Json::array()},
              {"data_records", settings->data_count}});
  for (const RegistrationField& field : settings->registration()) {
    out["registered_fields"].push_back(field.name);
  }
  return out;
}

Json json_of(const StoreReport& store, RecordName name) {
  Json records = Json::array();
  for (const RecordInfo& record : store.records) {
    records.push_back({{"id", record.id},
                       {"name", name(record.id)},
                       {"bytes", record.size},
                       {"secret", (record.flags & kSecretRecord) != 0}});
  }
  return {{"content", name_of(store.content)},
          {"generation", store.generation},
          {"free_bytes", store.free_bytes},
          {"records", records}};
}

Json json_of(const VaultReport& vault) {
  Json out = json_of(vault.store, name_of_vault_record);
  out.update({{"next_epoch", vault.epoch},
              {"next_message", vault.message},
              {"starts", vault.starts},
              {"last_kid", vault.last_kid},
              {"key_change", vault.has_next_key}});
  return out;
}

Json json_of(const RingReport& ring) {
  const bool waits = ring.waiting != 0;
  return {{"content", name_of(ring.content)},
          {"pages", kRingRegion.pages},
          {"pages_in_use", ring.pages_in_use},
          {"waiting", ring.waiting},
          {"oldest", waits ? Json(ring.oldest) : Json()},
          {"newest", waits ? Json(ring.newest) : Json()},
          {"greatest", ring.greatest}};
}

template <class Texts>
std::string joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) {
    out.append(out.empty() ? "" : " ").append(printable(text));
  }
  return out;
}

void show_network(const Console& console, const Settings& settings) {
  console.row("identity", settings.identity);
  console.row("server", settings.server_id);
  console.row("proof",
              (settings.mfar ? "mfar, suite " : "a+, suite ") + std::to_string(settings.suite));
  console.row("broker", text_of_endpoint(settings));
  console.row("address", settings.has_address ? text_of_own_address(settings) + " by way of " +
                                                    text_of_address(settings.gateway)
                                              : "by DHCP");
}

void show_readings(const Console& console, const Settings& settings) {
  console.row("topic", printable(settings.topic));
  console.row("readings",
              (settings.readings == 0 ? "one" : std::to_string(settings.readings) + ", one") +
                  " each " + std::to_string(settings.interval_ms) + " ms" +
                  (settings.live ? ", live" : "") + (settings.sealed ? ", sealed" : ""));
  console.row("data set",
              std::to_string(settings.data_count) + " records, " +
                  std::to_string(std::uint64_t{settings.data_count} * kDataRecordBytes) + " bytes");
  if (!settings.will_topic.empty()) {
    console.row("will",
                printable(settings.will_topic) + ": " + printable(text_of(settings.will_payload)));
  }
}

void show_commands(const Console& console, const Settings& settings) {
  if (settings.word_count != 0) {
    console.row("commands", joined(settings.commands()));
    console.row("commanders", joined(settings.commanders()));
  }
  if (settings.command_port != 0) {
    console.row("command port", std::to_string(settings.command_port) +
                                    (settings.wake.empty() ? "" : ", woken by ") +
                                    hex_of(settings.wake));
  }
}

void show(const Console& console, const Settings* settings) {
  if (settings == nullptr) {
    console.row("settings", "none that a device would take");
    return;
  }
  show_network(console, *settings);
  show_readings(console, *settings);
  show_commands(console, *settings);
}

void show(const Console& console, std::string_view what, const StoreReport& store,
          RecordName name) {
  if (store.content != Content::good) {
    console.row(what, name_of(store.content));
    return;
  }
  console.row(what, std::to_string(store.records.size()) + " records, " +
                        std::to_string(store.free_bytes) + " bytes free, generation " +
                        std::to_string(store.generation));
  for (const RecordInfo& record : store.records) {
    console.row("", name(record.id) + ": " + std::to_string(record.size) + " bytes" +
                        ((record.flags & kSecretRecord) != 0 ? ", secret" : ""));
  }
}

void show(const Console& console, const VaultReport& vault) {
  show(console, "vault", vault.store, name_of_vault_record);
  if (vault.store.content == Content::good) {
    console.row("next start", "epoch " + std::to_string(vault.epoch) + ", message " +
                                  std::to_string(vault.message));
    console.row("starts", std::to_string(vault.starts));
    console.row("last kid", std::to_string(vault.last_kid));
    console.row("change of key", vault.has_next_key ? "under way" : "none");
  }
}

void show(const Console& console, const RingReport& ring) {
  if (ring.content != Content::good) {
    console.row("ring", name_of(ring.content));
    return;
  }
  const std::string which =
      ring.waiting == 0 ? ""
                        : ", " + std::to_string(ring.oldest) + " to " + std::to_string(ring.newest);
  console.row("ring", std::to_string(ring.waiting) + " readings wait" + which + ", on " +
                          std::to_string(ring.pages_in_use) + " of " +
                          std::to_string(kRingRegion.pages) + " pages");
  console.row("last reading", std::to_string(ring.greatest));
}

/// Says what is in the flash of a device.
class Inspect final : public Command {
 public:
  CLI::App* declare(CLI::App& app, Console& console) override {
    CLI::App* const own =
        app.add_subcommand("inspect", "Say what is in the flash of a device; nothing is changed");
    own->add_option("FILE", path_, "The flash of a device")->type_name("")->required();
    own->add_flag("--json", console.json, "Print it as JSON");
    return own;
  }

  int run(const Console& console) override {
    auto flash = FlashCopy::of_file(path_);
    if (!flash) {
      return console.fail(flash.why());
    }
    const SettingsReport settings{*flash};
    const VaultReport vault = survey_vault(*flash);
    const std::string_view secrets = name_of(find_secrets(*flash, vault));
    const StoreReport device = survey_store(*flash, kDeviceRegion);
    const RingReport ring = survey_ring(*flash);
    if (console.json) {
      console.print({{"settings", json_of(settings.get())},
                     {"secrets", secrets},
                     {"vault", json_of(vault)},
                     {"device", json_of(device, name_of_device_record)},
                     {"ring", json_of(ring)}});
      return 0;
    }
    show(console, settings.get());
    console.row("secrets", secrets);
    show(console, vault);
    show(console, "device", device, name_of_device_record);
    show(console, ring);
    return 0;
  }

 private:
  std::string path_;
};

}  // namespace

std::unique_ptr<Command> make_inspect() { return std::make_unique<Inspect>(); }

}  // namespace countersign::mcu::tools
