// usage: countersign_session_bench FOLDER COUNT
// Opens COUNT sessions of as many identities and prints as JSON what a device with a session holds
// in memory, and what of it is its key, made ready for OpenSSL. The audit file goes to FOLDER.

#include <iostream>

#include "engine/sessions.hpp"
#include "engine_parts.hpp"

namespace {

using namespace countersign;
using bench::heap_bytes;
using bench::NoBroker;

constexpr std::string_view kConfig =
    "server_id = \"bench\"\n[default]\nmode = \"enforce\"\npublish = [\"known\"]\n"
    "subscribe = [\"known\"]\n";

/// The parts of the engine that sessions need.
struct Engine {
  explicit Engine(const std::string& audit_path)
      : settings{std::move(*config::parse_settings(kConfig, "bench"))},
        audit{audit_path, 16},
        registry{crypto},
        addresses{1} {}

  openssl::OpenSslCrypto crypto;
  openssl::OpenSslRandom random;
  NoBroker broker;
  config::Settings settings;
  engine::AuditFile audit;
  engine::Registry registry;
  engine::Connections connections;
  engine::Addresses addresses;
  engine::Commits commits;
  engine::Metrics metrics;
  dataserv::DataServ dataserv;
  engine::Context context{crypto,      random,    broker, &settings, registry, dataserv,
                          connections, addresses, audit,  commits,   metrics};
  engine::Sessions sessions{context};
};

engine::Principal& register_device(Engine& engine, std::size_t number) {
  store::Record record;
  record.identity = "device-" + std::to_string(number);
  return engine.registry.put(record);
}

bool open_session(Engine& engine, std::size_t number) {
  Agreement agreement;
  agreement.kid = 1;
  auto* const principal = engine.registry.find("device-" + std::to_string(number));
  return engine.sessions.open(*principal, agreement, 1) != nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: countersign_session_bench FOLDER COUNT\n";
    return 2;
  }
  const std::size_t count = std::stoul(argv[2]);
  const auto each = [count](std::size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(count);
  };
  Engine engine{std::string{argv[1]} + "/audit.jsonl"};
  engine.registry.reserve(count);
  const std::size_t none = heap_bytes();
  for (std::size_t i = 0; i < count; ++i) {
    register_device(engine, i);
  }
  const std::size_t registered = heap_bytes();
  for (std::size_t i = 0; i < count; ++i) {
    if (!open_session(engine, i)) {
      return 1;
    }
  }
  const std::size_t with_sessions = heap_bytes();
  std::cout << "{\"count\":" << count << ",\"bytes_registered\":" << each(registered - none)
            << ",\"bytes_with_session\":" << each(with_sessions - none)
            << ",\"bytes_crypto_context\":" << sizeof(openssl::OpenSslMacKey) << "}\n";
  return 0;
}
