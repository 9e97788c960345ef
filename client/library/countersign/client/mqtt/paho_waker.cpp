#include "countersign/client/mqtt/paho_waker.hpp"

#include <arpa/inet.h>
#include <mqtt/async_client.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <exception>
#include <string_view>

#include "countersign/base64url.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kWhileConnecting = 1ms;
constexpr auto kWhileQuiet = 500ms;  // Paho sleeps after a second without anything
constexpr int kPatienceMs = 5000;
constexpr std::size_t kNameBytes = 18;
constexpr std::size_t kMaxConnectBytes = 256;
constexpr std::array<unsigned char, 4> kConnack{0x20, 0x02, 0x00, 0x00};
constexpr std::array<unsigned char, 2> kPingresp{0xD0, 0x00};

/// Nobody else on this host can guess it.
std::string secret_name() {
  Bytes<kNameBytes> bytes{};
  std::array<char, base64url_size(kNameBytes)> text{};
  return openssl::OpenSslRandom{}.fill(bytes) ? std::string{encode_base64url(bytes, text)}
                                              : std::string{};
}

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket that listens on a free port of the loopback, which is written to `port`; -1 if not.
int open_listener(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback();
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, any, size) != 0 || ::listen(fd, 1) != 0 ||
      ::getsockname(fd, any, &size) != 0) {
    ::close(fd);
    return -1;
  }
  port = ntohs(address.sin_port);
  return fd;
}

bool is_readable(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, kPatienceMs) == 1;
}

template <std::size_t N>
bool say(int fd, const std::array<unsigned char, N>& packet) {
  return ::send(fd, packet.data(), packet.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(packet.size());
}

/// Whether this is our own CONNECT.
bool introduces_itself(int fd, const std::string& name) {
  std::array<char, kMaxConnectBytes> room{};
  std::size_t used = 0;
  while (used < room.size() && is_readable(fd)) {
    const ssize_t got = ::recv(fd, room.data() + used, room.size() - used, 0);
    if (got <= 0) {
      return false;
    }
    used += static_cast<std::size_t>(got);
    if (std::string_view{room.data(), used}.find(name) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

/// Paho's end of the connection.
class PahoWaker::Inside {
 public:
  Inside(std::uint16_t port, const std::string& name)
      : client_{"tcp://127.0.0.1:" + std::to_string(port), name} {
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_3_1_1);
    options.set_keep_alive_interval(0);
    client_.connect(options);
  }

 private:
  mqtt::async_client client_;
};

PahoWaker& PahoWaker::instance() {
  // never destroyed: Paho's threads may outlive every object of ours
  alignas(PahoWaker) static std::array<std::byte, sizeof(PahoWaker)> room;
  static PahoWaker* const waker = new (room.data()) PahoWaker;
  return *waker;
}

PahoWaker::PahoWaker() {
  std::uint16_t port = 0;
  const std::string name = secret_name();
  const int listener = name.empty() ? -1 : open_listener(port);
  if (listener < 0) {
    return;
  }
  try {
    thread_ = std::thread{[this, listener, name] { serve(listener, name); }};
    inside_ = std::make_unique<Inside>(port, name);
  } catch (const std::exception&) {
    // Paho sleeps as it always did
    if (!thread_.joinable()) {
      ::close(listener);
    }
  }
}

void PahoWaker::serve(int listener, const std::string& name) {
  while (is_readable(listener)) {
    const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) {
      break;
    }
    if (introduces_itself(peer, name)) {
      ::close(listener);
      keep_awake(peer);
      return;
    }
    ::close(peer);
  }
  ::close(listener);
}

void PahoWaker::keep_awake(int peer) {
  bool heard = say(peer, kConnack);
  while (heard) {
    {
      std::unique_lock lock{mutex_};
      if (hurried_ > 0) {
        changed_.wait_for(lock, kWhileConnecting);
      } else {
        changed_.wait_for(lock, kWhileQuiet, [this] { return hurried_ > 0; });
      }
    }
    heard = say(peer, kPingresp);
  }
  ::close(peer);
}

void PahoWaker::hurry() {
  const std::scoped_lock lock{mutex_};
  ++hurried_;
  changed_.notify_all();
}

void PahoWaker::rest() {
  const std::scoped_lock lock{mutex_};
  --hurried_;
}

}  // namespace countersign::client
