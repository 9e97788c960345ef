#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "registrar/http_library.hpp"
#include "registrar/origin.hpp"
#include "registrar/tls.hpp"

namespace countersign::registrar {

/// One accepted connection, with an end to everything: to the time that its request may take, to
/// the bytes of it, and to the time for the answer. Owns the socket.
class TlsStream final : public httplib::Stream {
 public:
  /// `socket` does not block; `until` is steady time. `stopping` ends idle waits.
  TlsStream(int socket, TlsConnection tls, Origin origin, Millis until,
            const std::atomic<bool>& stopping);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  /// Closes at once; `finish` first for an orderly end.
  ~TlsStream() override;

  /// The TLS handshake. False if it failed.
  [[nodiscard]] bool accept();
  /// Reads until an empty line has come, and perhaps more. \returns where the head ends in what
  /// came, 0 if it did not: too long (`received` then says how long), too late, or gone.
  [[nodiscard]] std::size_t read_head(std::size_t limit);
  [[nodiscard]] std::string_view received() const { return received_; }
  /// From now on `read` yields `head`, then what came behind the first `consumed` bytes.
  void replace_head(std::string_view head, std::size_t consumed);
  /// The answer may take this long from now on.
  void extend(Millis until) { until_ = until; }
  /// Says good-bye and waits a moment for what the client may still send: closing before would
  /// take the answer away from it.
  void finish();

  [[nodiscard]] const Origin& origin() const { return origin_; }
  [[nodiscard]] const SSL* tls() const { return tls_.get(); }

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* into, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override;

 private:
  /// Waits for what TLS wants after `result`. False if there is nothing to wait for any more.
  [[nodiscard]] bool wait_for(int result);
  [[nodiscard]] bool wait_socket(short events, Millis until) const;
  [[nodiscard]] ssize_t read_tls(char* into, std::size_t size);

  int socket_;
  TlsConnection tls_;
  Origin origin_;
  Millis until_;
  const std::atomic<bool>& stopping_;
  bool idle_ = true;      ///< nothing understood yet: a stop need not wait for it
  std::string received_;  ///< wiped at the end: it holds the head
  std::string unread_;    ///< what `read` yields first
  std::size_t consumed_ = 0;
};

}  // namespace countersign::registrar
