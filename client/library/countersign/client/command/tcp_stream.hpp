#pragma once

#include <string>

#include "countersign/client/command/command_exchange.hpp"

struct addrinfo;  // netdb.h

namespace countersign::client {

/// A TCP connection on which nothing waits longer than until a moment.
class TcpStream {
 public:
  TcpStream() = default;
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream();

  /// Tries each address of the host, in turn.
  [[nodiscard]] Status open(const std::string& host, std::uint16_t port, CommandDeadline until);
  [[nodiscard]] bool send(ByteView bytes, CommandDeadline until) const;
  /// Reads until `room` is full, the peer ends the connection, or the time is up. \returns how much
  /// came.
  [[nodiscard]] std::size_t receive(MutableBytes room, CommandDeadline until) const;

 private:
  [[nodiscard]] bool connect(const addrinfo& address, CommandDeadline until);
  [[nodiscard]] bool ready(short events, CommandDeadline until) const;
  void close();

  int fd_ = -1;
};

}  // namespace countersign::client
