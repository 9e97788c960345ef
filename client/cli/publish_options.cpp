#include "publish_options.hpp"

namespace countersign::cli {

void MessageOptions::declare(CLI::App& app) {
  const char* const group = "Message";
  app.add_option("-q,--qos", qos_, "0, 1 or 2")
      ->check(CLI::IsMember({0, 1, 2}).description(""))
      ->type_name("0|1|2")
      ->capture_default_str()
      ->group(group);
  app.add_flag("-r,--retain", options_.retain, "Let the broker keep it")->group(group);
  auto* const sealed =
      app.add_flag("--sealed", options_.sealed, "Encrypt it for the broker")->group(group);
  auto* const brief =
      app.add_flag("--short", options_.short_tag, "8 bytes of tag, where the rule allows")
          ->excludes(sealed)
          ->group(group);
  app.add_flag("--on-card", options_.on_card, "Let the card sign this message itself")
      ->excludes(sealed)
      ->excludes(brief)
      ->group(group);
  app.add_flag("--property", property_,
               "Sign beside the payload, which stays as it is (MQTT 5 user property cs1)")
      ->group(group);
  auto* const confirm =
      app.add_flag("--confirm", confirm_, "Ask for a receipt also where MQTT 5 says enough")
          ->group(group);
  app.add_flag("--no-confirm", no_confirm_, "MQTT 3.1.1: do not ask for a receipt")
      ->excludes(confirm)
      ->group(group);
  app.add_flag("--utf8", utf8_, "MQTT 5: say that the payload is UTF-8")->group(group);
  app.add_option("--content-type", content_type_, "MQTT 5: say what the payload is")
      ->type_name("TYPE")
      ->group(group);
}

client::PublishOptions MessageOptions::for_version(client::MqttVersion version) const {
  client::PublishOptions out = options_;
  out.qos = static_cast<std::uint8_t>(qos_);
  out.form = property_ ? client::Form::property : client::Form::payload;
  out.confirm = confirm_ || (version == client::MqttVersion::v311 && !no_confirm_);
  if (utf8_) {
    out.properties.payload_format = std::uint8_t{1};
  }
  if (!content_type_.empty()) {
    out.properties.content_type = content_type_;
  }
  return out;
}

}  // namespace countersign::cli
