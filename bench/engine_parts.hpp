#pragma once

#include <malloc.h>

#include <cstddef>
#include <iostream>
#include <string>

#include "engine/broker.hpp"

namespace countersign::bench {

/// Nobody is connected.
class NoBroker final : public engine::Broker {
 public:
  void send(const std::string&, const std::string&, ByteView) override {}
  void kick(const std::string&, bool) override {}
  bool set_username(engine::ClientHandle, const std::string&) override { return true; }
  void log(engine::Severity, const std::string& line) override { std::cerr << line << '\n'; }
};

/// What the heap holds now.
inline std::size_t heap_bytes() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

}  // namespace countersign::bench
