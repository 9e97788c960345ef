#include "admin.hpp"

#include <array>
#include <ctime>

#include "countersign/bytes.hpp"
#include "countersign/client/key_text.hpp"
#include "hints.hpp"

namespace countersign::cli {
namespace {

/// `{...}` becomes `{...,"key":"<hex>"}`.
client::LockedBuffer with_key(std::string_view command, const client::LockedKey& key) {
  constexpr std::string_view kBefore = R"(,"key":")";
  constexpr std::string_view kBehind = R"("})";
  const Key32 secret = key.key();
  command.remove_suffix(1);
  client::LockedBuffer out{command.size() + kBefore.size() + 2 * secret.bytes().size() +
                           kBehind.size()};
  if (out.empty()) {
    return out;
  }
  MutableBytes rest = out.bytes();
  const auto put = [&rest](std::string_view text) {
    std::copy_n(bytes_of(text).begin(), text.size(), rest.begin());
    rest = rest.subspan(text.size());
  };
  put(command);
  put(kBefore);
  client::write_hex(secret.bytes(), rest.first(2 * secret.bytes().size()));
  rest = rest.subspan(2 * secret.bytes().size());
  put(kBehind);
  return out;
}

}  // namespace

client::Outcome<Admin> Admin::login(const Connection& connection) {
  auto client = connection.login();
  if (!client) {
    return client.why();
  }
  return Admin{std::move(*client)};
}

client::Outcome<Json> Admin::run(const Json& command, const client::LockedKey* key) {
  const std::string text = command.dump(-1, ' ', true, Json::error_handler_t::replace);
  client::LockedBuffer secret;
  if (key != nullptr) {
    secret = with_key(text, *key);
    if (secret.empty()) {
      return client::Error{.fault = client::Fault::file, .text = "out of memory for a key"};
    }
  }
  const auto answer =
      client_->admin(key == nullptr ? std::string_view{text} : text_of(secret.bytes()));
  if (!answer) {
    return admin_error(answer.why());
  }
  Json data = Json::parse(*answer, nullptr, false);
  if (data.is_discarded()) {
    return client::Error{.fault = client::Fault::network, .text = "the broker's answer is no JSON"};
  }
  return data;
}

std::string time_text(std::int64_t millis) {
  const std::time_t seconds = millis / 1000;
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return std::to_string(millis) + " ms";
  }
  return text.data();
}

std::string plain_text(const Json& value) {
  if (value.is_string()) {
    return printable(value.get_ref<const std::string&>());
  }
  if (!value.is_array()) {
    return value.dump();
  }
  std::string out;
  for (const Json& item : value) {
    out.append(out.empty() ? "" : ", ").append(plain_text(item));
  }
  return out.empty() ? "-" : out;
}

}  // namespace countersign::cli
