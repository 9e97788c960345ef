// usage: countersign_registry_bench FOLDER COUNT
// Registers COUNT devices in a database in FOLDER, starts the engine on it, and prints as JSON how
// long that took and what it holds in memory, beside an engine with an empty registry.

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "engine/server.hpp"
#include "engine_parts.hpp"
#include "store/key_file.hpp"
#include "store/sqlite_store.hpp"

namespace {

using namespace countersign;
using bench::heap_bytes;
using bench::NoBroker;
namespace fs = std::filesystem;

constexpr std::size_t kBatch = 10'000;

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

void write_config(const fs::path& folder) {
  std::ofstream{folder / "countersign.toml"}
      << "server_id = \"bench\"\n[files]\nkey = \"wrap.key\"\ndatabase = \"countersign.db\"\n"
         "state = \".\"\naudit = \"audit.jsonl\"\n[default]\nmode = \"enforce\"\npublish = "
         "[\"known\"]\n"
         "subscribe = [\"known\"]\n";
}

bool fill(const fs::path& folder, std::size_t count) {
  if (!store::make_key_file(folder / "wrap.key")) {
    return false;
  }
  auto key = store::load_key_file(folder / "wrap.key");
  auto made = store::SqliteStore::create(folder / "countersign.db", std::move(*key), "bench");
  if (!made) {
    std::cerr << made.why().message() << '\n';
    return false;
  }
  openssl::OpenSslRandom random;
  for (std::size_t done = 0; done < count;) {
    std::vector<store::Change> batch;
    for (; batch.size() < kBatch && done < count; ++done) {
      store::Record record;
      record.identity = "device-" + std::to_string(done);
      record.registered_at = 1;
      if (!random.fill(record.k.fill())) {
        return false;
      }
      batch.emplace_back(store::PutRecord{std::move(record)});
    }
    if (!(*made)->apply(batch)) {
      return false;
    }
  }
  return true;
}

struct Measured {
  double seconds;
  std::size_t bytes;
};

Measured measure(const fs::path& folder) {
  NoBroker broker;
  malloc_trim(0);
  const std::size_t before = heap_bytes();
  const auto begun = std::chrono::steady_clock::now();
  auto server = engine::Server::start(folder / "countersign.toml", broker, 1);
  if (!server) {
    std::cerr << server.why().message() << '\n';
    return {-1, 0};
  }
  return {seconds_since(begun), heap_bytes() - before};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: countersign_registry_bench FOLDER COUNT\n";
    return 2;
  }
  const std::size_t count = std::stoul(argv[2]);
  const fs::path full = fs::path{argv[1]} / "full";
  const fs::path empty = fs::path{argv[1]} / "empty";
  for (const fs::path& folder : {full, empty}) {
    fs::create_directories(folder);
    write_config(folder);
  }
  if (!fill(full, count) || !fill(empty, 0)) {
    return 1;
  }
  const Measured without = measure(empty);
  const Measured with = measure(full);
  if (without.seconds < 0 || with.seconds < 0) {
    return 1;
  }
  std::cout << "{\"devices\":" << count << ",\"start_seconds\":" << with.seconds
            << ",\"start_seconds_empty\":" << without.seconds << ",\"bytes_per_device\":"
            << static_cast<double>(with.bytes - without.bytes) / static_cast<double>(count)
            << "}\n";
  return 0;
}
