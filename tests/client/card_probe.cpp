#include "client/card_probe.hpp"

namespace countersign::client::test {
namespace {

Pin pin_of(const Json& command, const char* name) {
  return std::move(*Pin::from(command.at(name).get<std::string>()));
}

LockedKey key_of(const Json& command, const char* name) {
  const auto hex = command.at(name).get<std::string>();
  Key32 key;
  for (std::size_t i = 0; i < key.fill().size(); ++i) {
    key.fill()[i] = static_cast<std::byte>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return LockedKey{key.bytes()};
}

Json shown(const CardInfo& info) {
  return {{"ok", true},
          {"reader", info.reader},
          {"uid", hex_of(info.uid)},
          {"life_cycle", name_of(info.life_cycle)},
          {"identity", info.identity.text()},
          {"epoch", info.epoch},
          {"counter", info.checksum_counter},
          {"pin_tries", info.pin_tries},
          {"puk_tries", info.puk_tries}};
}

Json list() {
  return answer(list_cards(), [](const auto& readers) {
    Json out = Json::array();
    for (const ReaderListing& reader : readers) {
      out.push_back({{"reader", reader.reader},
                     {"present", reader.card_present},
                     {"uid", reader.info ? hex_of(reader.info->uid) : ""},
                     {"problem", reader.problem}});
    }
    return Json{{"ok", true}, {"readers", std::move(out)}};
  });
}

}  // namespace

Json CardProbe::run(const Json& command) {
  const auto name = command.at("do").get<std::string>();
  if (name == "card_list") {
    return list();
  }
  if (name == "card_open") {
    return open(command);
  }
  if (!card_ || name == "card_close") {
    card_.reset();
    return {{"ok", true}};
  }
  if (name == "card_info") {
    return answer(card_->info(), [](const CardInfo& info) { return shown(info); });
  }
  if (name == "card_personalise") {
    return personalise(command);
  }
  if (name == "card_verify") {
    return answer(card_->verify(pin_of(command, "pin")), done);
  }
  if (name == "card_change_pin") {
    return answer(card_->change_pin(pin_of(command, "pin"), pin_of(command, "new_pin")), done);
  }
  if (name == "card_unblock") {
    return answer(card_->unblock(pin_of(command, "puk"), pin_of(command, "new_pin")), done);
  }
  if (name == "card_checksum") {
    return answer(card_->checksum({}, pin_of(command, "pin")), [](const Checksum& checksum) {
      return Json{{"ok", true}, {"counter", checksum.counter}, {"tag", hex_of(checksum.tag)}};
    });
  }
  return answer(
      card_->handshake_key(command.at("server_id").get<std::string>(), pin_of(command, "pin")),
      [](const HandshakeKey& key) {
        return Json{{"ok", true},
                    {"epoch", key.epoch},
                    {"r1", hex_of(key.r1)},
                    {"hk", hex_of(key.hk.bytes())}};
      });
}

Json CardProbe::open(const Json& command) {
  card_.reset();
  auto card = find_card({.uid = command.value("uid", ""), .reader = command.value("reader", "")});
  if (!card) {
    return failure(card.why());
  }
  card_ = std::move(*card);
  return {{"ok", true}, {"uid", hex_of(card_->uid())}};
}

Json CardProbe::personalise(const Json& command) {
  const LockedKey key = key_of(command, "key");
  const LockedKey issuer = key_of(command, "issuer_key");
  const Pin pin = pin_of(command, "pin");
  const Pin puk = pin_of(command, "puk");
  const Identity identity{command.at("identity").get<std::string>()};
  return answer(
      card_->personalise(key_of(command, "transport_key"),
                         {.identity = identity,
                          .key = key,
                          .pin = pin,
                          .puk = puk,
                          .issuer_key = issuer,
                          .pin_per_operation = command.value("pin_per_operation", false)}),
      done);
}

}  // namespace countersign::client::test
