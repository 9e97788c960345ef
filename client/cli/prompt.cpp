#include "prompt.hpp"

#include "confirm.hpp"
#include "countersign/bytes.hpp"
#include "countersign/client/card/card_error.hpp"
#include "options.hpp"
#include "secret_line.hpp"

namespace countersign::cli {
namespace {

using client::Error;
using client::Fault;

/// A line that is too long stays too long for any PIN.
constexpr std::size_t kMaxLineBytes = 64;

std::string name_of(client::PinKind kind) { return kind == client::PinKind::puk ? "PUK" : "PIN"; }

std::string tries_text(std::uint8_t left) {
  return left == 1 ? "1 try left" : std::to_string(left) + " tries left";
}

std::string prompt_for(const client::PinRequest& request) {
  const std::string whose = request.identity.empty() ? "card " + request.card : request.identity;
  return (request.again ? "wrong, " + tries_text(request.tries_left) + "; " : "") +
         name_of(request.kind) + " of " + whose +
         (request.tries_left == 1 ? " (the last try)" : "");
}

std::string last_try_text(client::PinKind kind) {
  return kind == client::PinKind::puk
             ? "One try left for the PUK, then the card can never be unblocked."
             : "One try left, then the card needs its PUK.";
}

}  // namespace

void PinInput::declare(CLI::App& app) {
  app.add_option("--pin-fd", fd_, "Read PINs from this file descriptor, not from the terminal")
      ->check(not_negative())
      ->type_name("N");
  app.add_flag("--last-try", last_try_, "Spend the last try of a PIN or PUK without asking");
}

void PinInput::declare_pinpad(CLI::App& app) {
  auto* const pinpad =
      app.add_flag("--pinpad", pinpad_, "Type the PIN at the reader, or not at all");
  app.add_flag("--no-pinpad", no_pinpad_, "Type the PIN here even if the reader has keys")
      ->excludes(pinpad);
}

client::Outcome<client::Pin> PinInput::ask(const std::string& prompt) const {
  SecretLine line{kMaxLineBytes};
  if (const client::Status done = ask_secret(fd_, prompt, "--pin-fd", line); !done) {
    return done.why();
  }
  return client::Pin::from(line.view());
}

client::Outcome<client::Pin> PinInput::ask_new(const std::string& prompt) const {
  auto first = ask(prompt);
  if (!first || !from_terminal()) {
    return first;
  }
  const auto again = ask(prompt + ", once more");
  if (!again) {
    return again.why();
  }
  if (!same_tag(first->bytes(), again->bytes())) {
    return Error{.fault = Fault::usage, .text = "the two are not the same"};
  }
  return first;
}

bool PinInput::from_reader(const client::PinRequest& request) const {
  return pinpad_ || (request.pinpad && !no_pinpad_ && from_terminal());
}

/// A file descriptor gets one try: who wrote a wrong PIN there would write it again. The last one
/// is for a person to spend.
client::Status PinInput::may_try(const client::PinRequest& request) const {
  const bool person = from_terminal() || from_reader(request);
  if (request.again && !person) {
    return Error{.fault = Fault::card,
                 .text = "wrong " + name_of(request.kind) + ", " + tries_text(request.tries_left)};
  }
  if (request.tries_left != 1 || last_try_) {
    return client::Done{};
  }
  if (person) {
    return confirm(last_try_text(request.kind), "--last-try");
  }
  return Error{.fault = Fault::card,
               .text = "only one try is left for the " + name_of(request.kind) +
                       ", and it does not come from a person",
               .hint = "type it at the terminal, without --pin-fd, or add --last-try"};
}

client::PinSource PinInput::source() const {
  return [this](const client::PinRequest& request) -> client::Outcome<client::Pin> {
    if (pinpad_ && !request.pinpad) {
      return client::CardFailure{.what = client::CardError::no_pinpad}.error();
    }
    if (const client::Status may = may_try(request); !may) {
      return may.why();
    }
    if (from_reader(request)) {
      Console{}.note("type the " + prompt_for(request) + " at the reader");
      return client::Pin::at_reader();
    }
    return ask(from_terminal() ? prompt_for(request) : name_of(request.kind));
  };
}

}  // namespace countersign::cli
