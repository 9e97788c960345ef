#include "registrar/tls_stream.hpp"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "registrar/answer.hpp"
#include "registrar/clock.hpp"

namespace countersign::registrar {
namespace {

constexpr Millis kLook = 200;       // how soon a stop is noticed
constexpr Millis kGoodBye = 1'000;  // for what is still on its way
constexpr std::size_t kPieceBytes = 4'096;
constexpr std::size_t kLeftoverBytes = 1U << 20;

}  // namespace

TlsStream::TlsStream(int socket, TlsConnection tls, Origin origin, Millis until,
                     const std::atomic<bool>& stopping)
    : socket_{socket},
      tls_{std::move(tls)},
      origin_{std::move(origin)},
      until_{until},
      stopping_{stopping} {
  SSL_set_fd(tls_.get(), socket_);
}

TlsStream::~TlsStream() {
  wipe_text(received_);
  wipe_text(unread_);
  tls_.reset();
  ::close(socket_);
}

bool TlsStream::wait_socket(short events, Millis until) const {
  for (;;) {
    const Millis left = until - steady_now();
    if (left <= 0 || (idle_ && stopping_)) {
      return false;
    }
    pollfd watched{socket_, events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::min(left, kLook)));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return false;
    }
  }
}

bool TlsStream::wait_for(int result) {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return wait_socket(POLLIN, until_);
    case SSL_ERROR_WANT_WRITE:
      return wait_socket(POLLOUT, until_);
    default:
      return false;
  }
}

bool TlsStream::accept() {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_accept(tls_.get());
    if (result == 1) {
      return true;
    }
    if (!wait_for(result)) {
      return false;
    }
  }
}

ssize_t TlsStream::read_tls(char* into, std::size_t size) {
  for (;;) {
    // bytes that are already there must not outlive the deadline either
    if (steady_now() >= until_) {
      return -1;
    }
    ERR_clear_error();
    const int result = SSL_read(tls_.get(), into, static_cast<int>(std::min(size, kPieceBytes)));
    if (result > 0) {
      return result;
    }
    if (!wait_for(result)) {
      return SSL_get_error(tls_.get(), result) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
    }
  }
}

std::size_t TlsStream::read_head(std::size_t limit) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  received_.reserve(limit + kPieceBytes);  // no copy stays behind when it grows
  std::array<char, kPieceBytes> piece{};
  while (received_.size() <= limit) {
    const ssize_t size = read_tls(piece.data(), piece.size());
    if (size <= 0) {
      break;
    }
    const std::size_t before = received_.size();
    received_.append(piece.data(), static_cast<std::size_t>(size));
    wipe(std::as_writable_bytes(std::span{piece}));
    const std::size_t from = before < kEnd.size() ? 0 : before - kEnd.size();
    if (const std::size_t end = received_.find(kEnd, from); end != std::string::npos) {
      idle_ = false;
      return end + kEnd.size() <= limit ? end + kEnd.size() : 0;
    }
  }
  return 0;
}

void TlsStream::replace_head(std::string_view head, std::size_t consumed) {
  const std::string_view behind = std::string_view{received_}.substr(consumed);
  unread_.reserve(head.size() + behind.size());
  unread_.append(head).append(behind);
  consumed_ = 0;
}

ssize_t TlsStream::read(char* into, std::size_t size) {
  const std::string_view rest = std::string_view{unread_}.substr(consumed_);
  if (rest.empty()) {
    return read_tls(into, size);
  }
  const std::size_t taken = std::min(size, rest.size());
  std::memcpy(into, rest.data(), taken);
  consumed_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t TlsStream::write(const char* from, std::size_t size) {
  std::size_t written = 0;
  while (written < size) {
    ERR_clear_error();
    const auto piece = std::min<std::size_t>(size - written, 1U << 14U);
    const int result = SSL_write(tls_.get(), from + written, static_cast<int>(piece));
    if (result > 0) {
      written += static_cast<std::size_t>(result);
    } else if (!wait_for(result)) {
      return -1;
    }
  }
  return static_cast<ssize_t>(written);
}

void TlsStream::finish() {
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(tls_.get()));
  ::shutdown(socket_, SHUT_WR);
  const Millis until = std::min(until_, steady_now() + kGoodBye);
  std::array<char, kPieceBytes> piece{};
  std::size_t size = 0;
  while (size < kLeftoverBytes && !stopping_ && wait_socket(POLLIN, until)) {
    const ssize_t came = ::recv(socket_, piece.data(), piece.size(), 0);
    if (came <= 0) {
      return;
    }
    size += static_cast<std::size_t>(came);
  }
}

bool TlsStream::is_readable() const { return true; }
bool TlsStream::is_writable() const { return steady_now() < until_; }

void TlsStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = origin_.address;
  port = 0;
}

void TlsStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

/// The library asks only whether `select` could wait for it, which it never does here.
socket_t TlsStream::socket() const { return 0; }

}  // namespace countersign::registrar
