#include "password_input.hpp"

#include <algorithm>

#include "console.hpp"
#include "countersign/bytes.hpp"
#include "options.hpp"
#include "secret_line.hpp"

namespace countersign::cli {
namespace {

using client::Error;
using client::Fault;
using client::LockedBuffer;

constexpr std::size_t kMaxPasswordBytes = 65'535;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

client::Status check(std::string_view password) {
  if (password.empty() || password.size() > kMaxPasswordBytes) {
    return Error{.fault = Fault::usage, .text = "a password has 1 to 65535 bytes"};
  }
  if (!is_text(password) || std::any_of(password.begin(), password.end(), is_control)) {
    return Error{.fault = Fault::usage,
                 .text = "the password is no UTF-8, or has control characters in it",
                 .hint = "mosquitto_passwd hashes any, and countersign device import takes those"};
  }
  return client::Done{};
}

client::Outcome<LockedBuffer> json_of(std::string_view password) {
  LockedBuffer out{2 * password.size()};
  if (out.empty()) {
    return Error{.fault = Fault::file, .text = "no memory for a password"};
  }
  std::size_t size = 0;
  for (const char c : password) {
    if (c == '"' || c == '\\') {
      out.bytes()[size++] = std::byte{'\\'};
    }
    out.bytes()[size++] = static_cast<std::byte>(c);
  }
  out.shrink(size);
  return out;
}

}  // namespace

void PasswordInput::declare(CLI::App& app) {
  app.add_option("--password-fd", fd_,
                 "Read the password from this file descriptor, not from the terminal")
      ->check(not_negative())
      ->type_name("N");
}

client::Outcome<LockedBuffer> PasswordInput::ask_new(const std::string& prompt) const {
  SecretLine line{kMaxPasswordBytes + 1};
  if (const auto done = ask_secret(fd_, prompt, "--password-fd", line); !done) {
    return done.why();
  }
  if (const client::Status fine = check(line.view()); !fine) {
    return fine.why();
  }
  if (fd_ < 0) {
    SecretLine again{kMaxPasswordBytes + 1};
    if (const auto done = ask_secret(fd_, prompt + ", once more", "--password-fd", again); !done) {
      return done.why();
    }
    if (!same_tag(bytes_of(line.view()), bytes_of(again.view()))) {
      return Error{.fault = Fault::usage, .text = "the two are not the same"};
    }
  }
  return json_of(line.view());
}

}  // namespace countersign::cli
