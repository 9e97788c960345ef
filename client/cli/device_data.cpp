#include "device_data.hpp"

#include <algorithm>
#include <array>

#include "new_file.hpp"
#include "registration.hpp"
#include "text_file.hpp"

namespace countersign::cli {
namespace {

const char* const kGroup = "By device data (MFA_R)";

constexpr std::size_t kMaxTokenBytes = 128;

/// The first line.
client::Outcome<std::string> read_token(const std::string& path) {
  auto text = read_text_file(path, kMaxTokenBytes);
  if (text) {
    text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  }
  if (text && text->empty()) {
    return client::Error{.fault = client::Fault::file,
                         .text = "no enrolment token in " + path,
                         .hint = "it stands alone on the first line"};
  }
  return text;
}

}  // namespace

CLI::Option* DataRegistration::declare(CLI::App& app) {
  constexpr std::array<std::string_view, 2> kSuites{"1", "2"};
  auto* const data =
      app.add_option("--data", words_,
                     "What the device says about itself: name=value words, or a file of JSON, - "
                     "for stdin")
          ->type_name("FILE|NAME=VALUE ...")
          ->group(kGroup);
  const auto add = [&](const char* flags, std::string& value, const char* what) {
    app.add_option(flags, value, what)->type_name("FILE")->needs(data)->group(kGroup);
  };
  add("-o,--out", path_, "Where to write its key file [IDENTITY.key]");
  add("--token", token_path_, "The device's enrolment token is in this file; - for stdin");
  add_choice<1>(app, "--key-suite", suite_, kSuites, "1 X25519, 2 symmetric; kept in the key file")
      ->needs(data)
      ->group(kGroup);
  return data;
}

client::Outcome<Json> DataRegistration::command(const Particulars& particulars) const {
  if (token_path_ == "-" && words_ == std::vector<std::string>{"-"}) {
    return client::Error{.fault = client::Fault::usage,
                         .text = "device data and token cannot both come from stdin",
                         .hint = "name a file for one of them"};
  }
  auto data = read_device_data(words_);
  if (!data) {
    return data;
  }
  Json command{{"command", "registerDevice"},
               {"deviceData", std::move(*data)},
               {"suites", Json::array({static_cast<int>(suite_)})}};
  particulars.add_to(command);
  if (!token_path_.empty()) {
    auto token = read_token(token_path_);
    if (!token) {
      return token.why();
    }
    command["token"] = std::move(*token);
  }
  return command;
}

int DataRegistration::run(const Console& console, const Connection& connection,
                          const Particulars& particulars) const {
  const auto ask = command(particulars);
  if (!ask) {
    return console.fail(ask.why());
  }
  if (const client::Status free = check_new_file(path_, "--out");
      !free && !shows_secrets(console)) {
    return console.fail(free.why());
  }
  auto admin = Admin::login(connection);
  if (!admin) {
    return console.fail(admin.why());
  }
  auto reply = admin->run(*ask);
  if (!reply) {
    return console.fail(reply.why());
  }
  const int code = keep(console, *reply, (*ask)["deviceData"]);
  wipe_secrets(*reply);
  return code;
}

/// The registration is shown once: here it is kept, or lost.
int DataRegistration::keep(const Console& console, const Json& reply, const Json& data) const {
  if (shows_secrets(console)) {
    console.print(reply);
    return 0;
  }
  auto key = registered_key(reply, data);
  if (key) {
    key->suite = suite_;
  }
  const auto path = key ? write_registered_key(path_, *key) : key.why();
  if (!path) {
    client::Error why = path.why();
    why.hint =
        "the device is registered, its secrets are lost: countersign device remove, with "
        "the identity that countersign device list shows, then register it again";
    return console.fail(why);
  }
  const std::string identity{key->identity.text()};
  if (console.json) {
    console.print(
        {{"identity", identity}, {"timestamp", reply.value("timestamp", "")}, {"file", *path}});
    return 0;
  }
  console.line(identity + " is registered, its key is in " + *path);
  console.hint("nobody has it besides: bring it to the device, then countersign login --key-file " +
               *path);
  return 0;
}

}  // namespace countersign::cli
