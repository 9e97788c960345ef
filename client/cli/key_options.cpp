#include "key_options.hpp"

#include <algorithm>
#include <cstdlib>

#include "countersign/client/card/card_key.hpp"
#include "countersign/client/software_key.hpp"
#include "hints.hpp"

namespace countersign::cli {

void KeyOptions::declare(CLI::App& app) {
  auto* const file = app.add_option("--key-file", file_,
                                    "Log in with the key in this file [$COUNTERSIGN_KEY_FILE]")
                         ->type_name("FILE");
  card_option_ =
      app.add_option("--card", card_, "Log in with a card: its UID, its reader, or the only one")
          ->expected(0, 1)
          ->type_name("[UID|READER]")
          ->excludes(file);
  pins_.declare(app);
  pins_.declare_pinpad(app);
  readers_.declare(app);
}

client::Outcome<OpenKey> KeyOptions::open() const {
  if (card_option_->count() != 0) {
    return open_card();
  }
  const std::string path = file_.empty() ? from_environment("COUNTERSIGN_KEY_FILE") : file_;
  if (path.empty()) {
    return client::Error{.fault = client::Fault::usage,
                         .text = "no key to log in with",
                         .hint = "--key-file FILE, or --card"};
  }
  return open_file(path);
}

client::Outcome<OpenKey> KeyOptions::open_file(const std::string& path) const {
  auto key = client::SoftwareKey::open(path);
  if (!key) {
    return key_file_error(key.why());
  }
  OpenKey out;
  out.server_id = (*key)->server_id();
  out.suite = (*key)->suite();
  out.source = std::move(*key);
  return out;
}

client::Outcome<OpenKey> KeyOptions::open_card() const {
  auto card = cli::open_card(card_, readers_);
  if (!card) {
    return card.why();
  }
  auto key = client::CardKey::open(std::move(*card), pins_.source());
  if (!key) {
    return key.why();
  }
  OpenKey out;
  out.source = std::move(*key);
  return out;
}

client::Outcome<client::Card> open_card(const std::string& text, const ReaderOptions& readers) {
  const auto transports = readers.transports();
  if (!transports) {
    return transports.why();
  }
  return client::find_card(card_choice(text), *transports);
}

client::CardChoice card_choice(const std::string& text) {
  const bool is_uid =
      text.size() == 2 * kCardUidBytes && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      });
  return is_uid ? client::CardChoice{.uid = text, .reader = {}}
                : client::CardChoice{.uid = {}, .reader = text};
}

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

}  // namespace countersign::cli
