#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "countersign/client/card/card.hpp"
#include "countersign/client/key_source.hpp"
#include "prompt.hpp"
#include "reader_options.hpp"

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
  [[nodiscard]] const ReaderOptions& readers() const { return readers_; }

 private:
  [[nodiscard]] client::Outcome<OpenKey> open_file(const std::string& path) const;
  [[nodiscard]] client::Outcome<OpenKey> open_card() const;

  std::string file_;
  std::string card_;
  const CLI::Option* card_option_ = nullptr;
  PinInput pins_;
  ReaderOptions readers_;
};

/// The card that a command's words mean: 16 hex digits are a UID, other words a reader.
[[nodiscard]] client::Outcome<client::Card> open_card(const std::string& text,
                                                      const ReaderOptions& readers);

/// 16 hex digits are a UID, other words a reader, none the only card there is.
[[nodiscard]] client::CardChoice card_choice(const std::string& text);

/// The environment's word, or nothing.
[[nodiscard]] std::string from_environment(const char* name);

}  // namespace countersign::cli
