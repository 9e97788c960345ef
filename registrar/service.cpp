#include "registrar/service.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "countersign/client/software_key.hpp"
#include "registrar/clock.hpp"
#include "registrar/listener.hpp"
#include "registrar/note.hpp"
#include "registrar/workers.hpp"

namespace countersign::registrar {
namespace {

/// SIGTERM, SIGINT and SIGHUP as something to wait for.
class Signals {
 public:
  Signals() {
    sigset_t signals{};
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      sigaddset(&signals, number);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { ::close(fd_); }

  /// The number of one that came, or 0.
  [[nodiscard]] int next() const {
    signalfd_siginfo info{};
    return ::read(fd_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

/// Accepts connections on the main thread and gives them to the workers.
class Service {
 public:
  Service(const Settings& settings, std::string path, Listener listener, TlsContext tls,
          std::unique_ptr<BrokerLink> broker)
      : settings_{settings},
        path_{std::move(path)},
        listener_{std::move(listener)},
        tls_{std::move(tls)},
        broker_{std::move(broker)},
        serv_{*broker_},
        authority_{settings},
        throttle_{settings.limits} {}

  client::Status open_log() { return log_.open(settings_.log); }

  void run(const Signals& signals) {
    Workers workers{{serv_, authority_, log_}, settings_};
    note("listening on " + settings_.listen + " port " + std::to_string(listener_.port()));
    for (;;) {
      std::array<pollfd, 2> watched{pollfd{signals.fd(), POLLIN, 0},
                                    pollfd{listener_.socket(), POLLIN, 0}};
      if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
        return;
      }
      const int number = signals.next();
      if (number == SIGTERM || number == SIGINT) {
        note("stopping");
        return;
      }
      if (number == SIGHUP) {
        reload();
      }
      accept_some(workers);
    }
  }

 private:
  void accept_some(Workers& workers) {
    constexpr int kAtOnce = 64;
    for (int i = 0; i < kAtOnce; ++i) {
      sockaddr_storage peer{};
      const int socket = listener_.take(peer);
      if (socket < 0) {
        // out of descriptors: the listener stays readable, so do not spin
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          static_cast<void>(::poll(nullptr, 0, 50));
        }
        return;
      }
      greet(workers, socket, origin_of(peer));
    }
  }

  void greet(Workers& workers, int socket, Origin origin) {
    const Welcome welcome = throttle_.welcome(origin.network, steady_now());
    if (welcome.verdict == Welcome::Verdict::drop || !workers.enter(origin.network)) {
      ::close(socket);
      return;
    }
    TlsConnection tls{SSL_new(tls_.get())};
    if (!tls) {
      ::close(socket);
      workers.leave(origin.network);
      return;
    }
    std::optional<Answer> preset;
    if (welcome.verdict == Welcome::Verdict::refuse) {
      preset =
          try_later(429, "too_often", "too many requests from this address", welcome.retry_after);
    }
    workers.serve(std::make_unique<TlsStream>(socket, std::move(tls), std::move(origin),
                                              steady_now() + settings_.limits.request_time,
                                              workers.stopping()),
                  std::move(preset));
  }

  /// What cannot be taken is told, and all stays as it was.
  void reload() {
    const auto settings = load_settings(path_);
    auto tls = settings ? load_tls(*settings) : client::Outcome<TlsContext>{settings.why()};
    if (!tls) {
      note("not reloaded: " + tls.why().text);
    } else {
      tls_ = std::move(*tls);
      authority_.renew(*settings);
      note("certificates and administrators reloaded");
    }
    if (const auto opened = open_log(); !opened) {
      note(opened.why().text);
    }
  }

  const Settings& settings_;
  std::string path_;
  Listener listener_;
  TlsContext tls_;
  std::unique_ptr<BrokerLink> broker_;
  RegServ serv_;
  Authority authority_;
  Throttle throttle_;
  RequestLog log_;
};

int fail(const client::Error& why) {
  note(why.text);
  if (!why.hint.empty()) {
    note("hint: " + why.hint);
  }
  return client::exit_code(why.fault);
}

}  // namespace

client::Status check_service(const Settings& settings) {
  if (const auto tls = load_tls(settings); !tls) {
    return tls.why();
  }
  if (const auto key = client::SoftwareKey::open(settings.broker.key_file); !key) {
    return key.why();
  }
  return RequestLog{}.open(settings.log);
}

int run_service(const Settings& settings, const std::string& path) {
  const Signals signals;
  auto tls = load_tls(settings);
  if (!tls) {
    return fail(tls.why());
  }
  auto listener = Listener::open(settings.listen, static_cast<std::uint16_t>(settings.port));
  if (!listener) {
    return fail(listener.why());
  }
  auto broker = BrokerLink::open(settings.broker);
  if (!broker) {
    return fail(broker.why());
  }
  Service service{settings, path, std::move(*listener), std::move(*tls), std::move(*broker)};
  if (const auto opened = service.open_log(); !opened) {
    return fail(opened.why());
  }
  service.run(signals);
  return 0;
}

}  // namespace countersign::registrar
