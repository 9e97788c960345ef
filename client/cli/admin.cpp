#include "admin.hpp"

#include <algorithm>
#include <iterator>

#include "countersign/bytes.hpp"
#include "countersign/client/key_text.hpp"
#include "hints.hpp"

namespace countersign::cli {
namespace {

constexpr const char* kNotAdmin = "Not an administrator";

/// `{...}` becomes `{...,"field":"secret"}`.
client::LockedBuffer with_secret(std::string_view command, std::string_view field,
                                 ByteView secret) {
  constexpr std::string_view kBehind = R"("})";
  command.remove_suffix(1);
  const std::string before = R"(,")" + std::string{field} + R"(":")";
  client::LockedBuffer out{command.size() + before.size() + secret.size() + kBehind.size()};
  if (out.empty()) {
    return out;
  }
  MutableBytes rest = out.bytes();
  for (const ByteView part : {bytes_of(command), bytes_of(before), secret, bytes_of(kBehind)}) {
    std::copy(part.begin(), part.end(), rest.begin());
    rest = rest.subspan(part.size());
  }
  return out;
}

client::LockedBuffer hex_of_key(const client::LockedKey& key) {
  const Key32 secret = key.key();
  client::LockedBuffer hex{2 * secret.bytes().size()};
  if (!hex.empty()) {
    client::write_hex(secret.bytes(), hex.bytes());
  }
  return hex;
}

std::string text_of_command(const Json& command) {
  return command.dump(-1, ' ', true, Json::error_handler_t::replace);
}

client::Outcome<Json> data_of(const client::Outcome<std::string>& answer) {
  if (!answer) {
    return admin_error(answer.why());
  }
  Json data = Json::parse(*answer, nullptr, false);
  if (data.is_discarded()) {
    return client::Error{.fault = client::Fault::network, .text = "the broker's answer is no JSON"};
  }
  return data;
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
  return key == nullptr ? data_of(client_->admin(text_of_command(command)))
                        : run(command, "key", hex_of_key(*key));
}

client::Outcome<Json> Admin::run(const Json& command, std::string_view field,
                                 const client::LockedBuffer& text) {
  const client::LockedBuffer whole = with_secret(text_of_command(command), field, text.bytes());
  if (text.empty() || whole.empty()) {
    return client::Error{.fault = client::Fault::file, .text = "out of memory for a secret"};
  }
  return data_of(client_->admin(text_of(whole.bytes())));
}

client::Outcome<std::vector<client::Outcome<Json>>> Admin::run_all(
    const std::vector<Json>& commands) {
  std::vector<std::string> texts;
  std::transform(commands.begin(), commands.end(), std::back_inserter(texts), text_of_command);
  const auto answers = client_->admin_all(texts);
  if (!answers) {
    return admin_error(answers.why());
  }
  if (const auto& first = answers->front(); !first && first.why().text == kNotAdmin) {
    return admin_error(first.why());
  }
  std::vector<client::Outcome<Json>> out;
  std::transform(answers->begin(), answers->end(), std::back_inserter(out), data_of);
  return out;
}

}  // namespace countersign::cli
