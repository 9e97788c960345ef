#include "hints.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace countersign::cli {
namespace {

using client::Error;

struct RefusalHint {
  Refusal why;
  std::string_view hint;
};

constexpr std::array kRefusalHints{
    RefusalHint{Refusal::out_of_range, "send a value within the rule's range, or widen that"},
    RefusalHint{Refusal::qos2, "-q 1, or qos2 = \"allow\" in the rule"},
    RefusalHint{Refusal::retain, "leave out --retain, or set retained = true in the rule"},
    RefusalHint{Refusal::not_sealed, "--sealed"},
    RefusalHint{Refusal::card_required, "--card with --on-card"},
};

struct AdminHint {
  std::string_view text;  ///< as the broker says it
  std::string_view hint;
};

constexpr std::array kAdminHints{
    AdminHint{"Device already exists", "countersign device rekey gives it another key"},
    AdminHint{"Unknown command", "the broker's plugin is older than this program"},
    AdminHint{"Token not found", "countersign token list names them all"},
    AdminHint{"Device data is known", "it is registered already: countersign device list"},
    AdminHint{"Device not found", "countersign device list names them all"},
    AdminHint{"Card not found", "countersign card watch --once lists those that are registered"},
    AdminHint{"Session not found", "countersign session list names them all"},
    AdminHint{"Not an administrator", "--key-file, or --card, of one whose kind is admin"},
};

template <class Hint, std::size_t N, class Key>
std::string hint_for(const std::array<Hint, N>& hints, Key Hint::*key, const Key& wanted) {
  const auto found =
      std::find_if(hints.begin(), hints.end(), [&](const Hint& one) { return one.*key == wanted; });
  return found == hints.end() ? std::string{} : std::string{found->hint};
}

Error with_hint(Error why, std::string hint) {
  if (why.hint.empty()) {
    why.hint = std::move(hint);
  }
  return why;
}

/// What tells, at the broker, which rule it was.
std::string check_hint(const std::string& what, const std::string& identity) {
  return "on the broker's machine: countersign config check " + what + " -i " + identity;
}

}  // namespace

Error publish_error(Error why, const std::string& topic, const std::string& identity,
                    bool short_tag) {
  if (why.why == Refusal::denied && short_tag) {
    return with_hint(std::move(why), "leave out --short, or set short_tags = true in the rule");
  }
  std::string hint = why.why == Refusal::denied
                         ? check_hint("-t '" + topic + "'", identity)
                         : hint_for(kRefusalHints, &RefusalHint::why, why.why);
  return with_hint(std::move(why), std::move(hint));
}

Error subscribe_error(Error why, const std::string& filter, const std::string& identity) {
  return why.fault == client::Fault::refused
             ? with_hint(std::move(why),
                         check_hint("--action subscribe -t '" + filter + "'", identity))
             : why;
}

Error admin_error(Error why) {
  std::string hint = hint_for(kAdminHints, &AdminHint::text, std::string_view{why.text});
  return with_hint(std::move(why), std::move(hint));
}

Error key_file_error(Error why) {
  return with_hint(std::move(why),
                   std::string{kReadHint} + " countersign key new makes a key file");
}

}  // namespace countersign::cli
