#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "countersign/client/card/card.hpp"
#include "countersign/client/key_source.hpp"
#include "prompt.hpp"

namespace countersign::cli {

/// A key, with what it says about where to use it.
struct OpenKey {
  std::unique_ptr<client::KeySource> source;
  std::string server_id;  ///< empty: it does not say
  Suite suite = Suite::x25519;
};

/// Whose key: a file's or a card's.
class KeyOptions {
 public:
  void declare(CLI::App& app);
  [[nodiscard]] client::Outcome<OpenKey> open() const;
  [[nodiscard]] const PinInput& pins() const { return pins_; }

 private:
  [[nodiscard]] client::Outcome<OpenKey> open_file(const std::string& path) const;
  [[nodiscard]] client::Outcome<OpenKey> open_card() const;

  std::string file_;
  std::string card_;
  const CLI::Option* card_option_ = nullptr;
  PinInput pins_;
};

/// 16 hex digits are a UID, other words a reader, none the only card there is.
[[nodiscard]] client::CardChoice card_choice(const std::string& text);

/// The environment's word, or nothing.
[[nodiscard]] std::string from_environment(const char* name);

}  // namespace countersign::cli
