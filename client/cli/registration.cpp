#include "registration.hpp"

#include <array>

#include "countersign/client/key_text.hpp"
#include "text_file.hpp"

namespace countersign::cli {
namespace {

using client::Error;
using client::Fault;

constexpr std::size_t kMaxJsonBytes = 65'536;
// docs/protocol.md, section 6
constexpr std::array kRequired{"uuid", "model", "vendor", "serial"};

Error bad_data(std::string text) {
  return {.fault = Fault::usage,
          .text = std::move(text),
          .hint =
              "uuid, model, vendor, serial and up to 12 more: a name of 1-32 of A-Z a-z 0-9 . _ "
              "-, a value of 1-255 bytes of text"};
}

Error bad_reply(const std::string& what) {
  return {.fault = Fault::file,
          .text = "the reply has no " + what + " as a registration gives it",
          .hint = "user, password, kReg and identity, as RegServ answers"};
}

/// The text behind `key`; empty if there is none.
std::string_view text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string()
             ? std::string_view{found->get_ref<const std::string&>()}
             : std::string_view{};
}

client::Outcome<Json> data_of_words(const std::vector<std::string>& words) {
  Json data = Json::object();
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (equals == std::string::npos || data.contains(name)) {
      return bad_data(equals == std::string::npos ? word + " is not name=value"
                                                  : name + " is given twice");
    }
    data[name] = word.substr(equals + 1);
  }
  return data;
}

client::Status check_data(const Json& data) {
  if (!data.is_object() || data.size() > client::kMaxRegistrationFields) {
    return bad_data("device data is an object of at most 16 texts");
  }
  for (const auto& [name, value] : data.items()) {
    const std::string* const text = value.get_ptr<const std::string*>();
    if (!is_field_name(name) || text == nullptr || text->empty() ||
        text->size() > kMaxFieldValueBytes || !is_text(*text)) {
      return bad_data(name + " is no field of device data");
    }
  }
  for (const char* const name : kRequired) {
    if (!data.contains(name)) {
      return bad_data(std::string{"device data without "} + name);
    }
  }
  return client::Done{};
}

/// A word that names a file: `name=value` never does, `./name=value` does.
bool is_path(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals == std::string::npos || !is_field_name(word.substr(0, equals));
}

}  // namespace

client::Outcome<Json> read_json(const std::string& path) {
  auto text = read_text_file(path, kMaxJsonBytes);
  if (!text) {
    return text.why();
  }
  Json out = Json::parse(*text, nullptr, false);
  wipe(std::as_writable_bytes(std::span{*text}));
  if (!out.is_object()) {
    return Error{.fault = Fault::file, .text = path + " is no JSON object"};
  }
  return out;
}

client::Outcome<Json> read_device_data(const std::vector<std::string>& words) {
  auto data = words.size() == 1 && is_path(words[0]) ? read_json(words[0]) : data_of_words(words);
  if (!data) {
    return data;
  }
  const client::Status good = check_data(*data);
  return good ? data : good.why();
}

client::Outcome<client::KeyFile> registered_key(const Json& reply, const Json& data) {
  client::KeyFile key;
  key.method = client::Method::mfar;
  key.identity = Identity{text_at(reply, "identity")};
  if (key.identity.empty() || text_at(reply, "user") != key.identity.text()) {
    return bad_reply("identity and user");
  }
  if (!key.registration.set_password(bytes_of(text_at(reply, "password")))) {
    return bad_reply("password");
  }
  Key32 k_reg;
  if (!client::read_hex(text_at(reply, "kReg"), k_reg.fill())) {
    return bad_reply("kReg");
  }
  key.registration.set_k_reg(client::LockedKey{k_reg.bytes()});
  for (const auto& [name, value] : data.items()) {
    if (!key.registration.add_field(name, bytes_of(value.get_ref<const std::string&>()))) {
      return bad_data(name + " is no field of device data");
    }
  }
  return key;
}

client::Outcome<std::string> write_registered_key(std::string path, const client::KeyFile& key) {
  if (path.empty()) {
    path = std::string{key.identity.text()} + ".key";
  }
  const client::Status written = client::create_key_file(path, key);
  return written ? client::Outcome<std::string>{std::move(path)} : written.why();
}

void wipe_secrets(Json& reply) {
  for (const char* const name : {"password", "kReg"}) {
    if (const auto found = reply.find(name); found != reply.end() && found->is_string()) {
      wipe(std::as_writable_bytes(std::span{found->get_ref<std::string&>()}));
    }
  }
}

}  // namespace countersign::cli
