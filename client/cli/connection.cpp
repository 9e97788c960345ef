#include "connection.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <array>

#include "options.hpp"

namespace countersign::cli {
namespace {

const char* const kGroup = "Connection";
constexpr std::array<std::string_view, 2> kStepOneNames{"connect", "topic"};

client::Status set_version(const std::string& text, client::MqttVersion& out) {
  if (text == "5" || text == "mqttv5") {
    out = client::MqttVersion::v5;
  } else if (text == "311" || text == "mqttv311") {
    out = client::MqttVersion::v311;
  } else {
    return client::Error{.fault = client::Fault::usage, .text = text + " is neither 5 nor 311"};
  }
  return client::Done{};
}

/// Everything that happens to the connection, on stderr.
void log_to_stderr() {
  if (spdlog::get("countersign") == nullptr) {
    const auto logger = spdlog::stderr_logger_mt("countersign");
    logger->set_pattern("countersign: %H:%M:%S.%e %v");
    spdlog::set_default_logger(logger);
  }
}

client::Observer logging(const client::Observer& inner) {
  log_to_stderr();
  client::Observer out = inner;
  out.on_state = [next = inner.on_state](client::State state, const std::string& text) {
    spdlog::info("{}: {}", client::name_of(state), printable(text));
    if (next) {
      next(state, text);
    }
  };
  out.on_notice = [next = inner.on_notice](const Notice& notice) {
    spdlog::info("notice: {}", name_of(notice.why));
    if (next) {
      next(notice);
    }
  };
  return out;
}

}  // namespace

void Connection::declare(CLI::App& app) {
  options_.patience.hint_delay = 0;  // a person waits
  key_.declare(app);
  app.set_help_flag("--help", "Print this help and exit; so does -h alone");
  const auto set_host = [this](const std::string& host) {
    if (host.empty()) {
      throw CLI::CallForHelp();
    }
    host_ = host;
  };
  app.add_option_function<std::string>("-h,--host", set_host,
                                       "The broker [$COUNTERSIGN_HOST, or localhost]")
      ->expected(0, 1)
      ->type_name("HOST")
      ->group(kGroup);
  app.add_option("-p,--port", options_.port,
                 "Its port [$COUNTERSIGN_PORT, or 1883, or 8883 with TLS]")
      ->type_name("PORT")
      ->group(kGroup);
  app.add_option("--server-id", options_.server_id,
                 "What the broker calls itself [what the key file says, or $COUNTERSIGN_SERVER_ID]")
      ->type_name("ID")
      ->group(kGroup);
  app.add_option("--suite", suite_, "1 X25519, 2 symmetric [what the key file says, or 1]")
      ->check(CLI::IsMember({1, 2}).description(""))
      ->type_name("1|2")
      ->group(kGroup);
  add_choice(app, "--step1", options_.step_one, kStepOneNames,
             "How user and password of an mfar key travel")
      ->group(kGroup);
  const auto choose_version = [this](const std::string& text) {
    if (const client::Status set = set_version(text, options_.mqtt); !set) {
      throw CLI::ValidationError("--protocol-version", printable(set.why().text));
    }
  };
  app.add_option_function<std::string>("-V,--protocol-version", choose_version, "Of MQTT")
      ->type_name("5|311")
      ->default_str("5")
      ->group(kGroup);
  app.add_option("-k,--keepalive", options_.keepalive_s, "Seconds between signs of life")
      ->type_name("S")
      ->capture_default_str()
      ->group(kGroup);
  const auto set_timeout = [this](double seconds) {
    options_.patience.login = static_cast<Millis>(seconds * 1000);
  };
  app.add_option_function<double>("--timeout", set_timeout, "Seconds to wait for the login")
      ->check(positive())
      ->type_name("S")
      ->default_str("30")
      ->group(kGroup);
  app.add_flag("-v,--verbose", verbose_, "Log what the connection does to standard error")
      ->group(kGroup);
  declare_tls(app);
}

void Connection::declare_tls(CLI::App& app) {
  client::TlsOptions& tls = options_.tls;
  const auto add = [&app](const char* flag, std::string& value, const char* what,
                          const char* type) {
    app.add_option(flag, value, what)->type_name(type)->group("TLS");
  };
  app.add_flag("--tls,--tls-use-os-certs", tls.enabled,
               "Use TLS with the system's certificate authorities")
      ->group("TLS");
  add("--cafile", tls.cafile, "Certificate authorities, PEM; implies --tls [$COUNTERSIGN_CAFILE]",
      "FILE");
  add("--capath", tls.capath, "A directory of them, hashed; implies --tls", "DIR");
  add("--cert", tls.cert, "Our own certificate, PEM", "FILE");
  add("--key", tls.key, "Its private key, PEM (not the signing key: --key-file)", "FILE");
  add("--tls-version", tls.version, "The least that will do: tlsv1.2 or tlsv1.3 [tlsv1.2]",
      "VERSION");
  add("--ciphers", tls.ciphers, "Those of TLS 1.2, as openssl-ciphers(1) lists them", "LIST");
  add("--tls-alpn", tls.alpn, "Application protocol to ask for", "NAME");
  add("--psk", tls.psk,
      "A key that the broker knows too instead of certificates; implies --tls [$COUNTERSIGN_PSK]",
      "HEX");
  add("--psk-identity", tls.psk_identity, "Whose key that is", "ID");
  app.add_flag("--insecure", tls.insecure, "Take any server's certificate name; for tests only")
      ->group("TLS");
}

void Connection::complete_tls(client::TlsOptions& tls) {
  if (tls.psk.empty() && !tls.psk_identity.empty()) {
    tls.psk = from_environment("COUNTERSIGN_PSK");
  }
  if (tls.cafile.empty() && tls.capath.empty() && tls.psk.empty()) {
    tls.cafile = from_environment("COUNTERSIGN_CAFILE");
  }
}

client::Status Connection::complete(const OpenKey& key, client::Options& options) const {
  const std::string host = from_environment("COUNTERSIGN_HOST");
  options.host = !host_.empty() ? host_ : !host.empty() ? host : "localhost";
  if (const std::string port = from_environment("COUNTERSIGN_PORT");
      options.port == 0 && !port.empty() && !CLI::detail::lexical_cast(port, options.port)) {
    return client::Error{.fault = client::Fault::usage,
                         .text = "COUNTERSIGN_PORT is no port: " + port};
  }
  complete_tls(options.tls);
  if (options.server_id.empty()) {
    options.server_id =
        key.server_id.empty() ? from_environment("COUNTERSIGN_SERVER_ID") : key.server_id;
  }
  if (options.server_id.empty() && key.source->method() == client::Method::aplus) {
    return client::Error{.fault = client::Fault::usage,
                         .text = "the key does not say which server it is for",
                         .hint = "--server-id ID: server_id of the broker's countersign.toml"};
  }
  options.suite = suite_ == 0 ? key.suite : static_cast<Suite>(suite_);
  return client::Done{};
}

client::Status Connection::check_method(client::Method method) const {
  if (!required_ || *required_ == method) {
    return client::Done{};
  }
  return client::Error{.fault = client::Fault::usage,
                       .text = "the key is of method " + std::string{name_of(method)} + ", not " +
                               std::string{name_of(*required_)},
                       .hint = *required_ == client::Method::mfar
                                   ? "countersign device register --data makes one of method mfar"
                                   : "countersign key new, or a card, makes one of method a+"};
}

client::Outcome<std::unique_ptr<client::Client>> Connection::open(client::Observer observer,
                                                                  const Arrange& arrange) const {
  auto key = key_.open();
  if (!key) {
    return key.why();
  }
  if (const client::Status fits = check_method(key->source->method()); !fits) {
    return fits.why();
  }
  client::Options options = options_;
  if (const client::Status done = complete(*key, options); !done) {
    return done.why();
  }
  if (arrange) {
    arrange(key->source->identity().text(), options);
  }
  return std::make_unique<client::Client>(std::move(options), std::move(key->source),
                                          verbose_ ? logging(observer) : std::move(observer));
}

client::Outcome<std::unique_ptr<client::Client>> Connection::login() const {
  auto client = open();
  if (!client) {
    return client;
  }
  if (const auto session = (*client)->login(); !session) {
    return session.why();
  }
  return client;
}

}  // namespace countersign::cli
