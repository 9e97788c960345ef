/// A software key's file: what is taken is written again and taken as the same key.

#include "countersign/client/key_file.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

void require_same_registration(const client::RegistrationKey& a, const client::RegistrationKey& b) {
  require_same(a.k_reg().bytes(), b.k_reg().bytes());
  require_same(a.password(), b.password());
  require(a.fields().size() == b.fields().size());
  for (std::size_t i = 0; i < a.fields().size(); ++i) {
    require(a.fields()[i].name == b.fields()[i].name);
    require_same(a.fields()[i].value, b.fields()[i].value);
  }
}

void require_same_key(const client::KeyFile& a, const client::KeyFile& b) {
  require(a.identity == b.identity && a.kind == b.kind && a.epoch == b.epoch);
  require(a.server_id == b.server_id && a.suite == b.suite);
  require(a.method == b.method);
  require_same(a.key.key().bytes(), b.key.key().bytes());
  require_same_registration(a.registration, b.registration);
}

/// What the method wants is there, and nothing of the other's.
void require_whole(const client::KeyFile& file) {
  const bool mfar = file.method == client::Method::mfar;
  const client::RegistrationKey& registration = file.registration;
  require(file.key.empty() == mfar && (!mfar || file.epoch == 0));
  require(registration.password().empty() != mfar && registration.fields().empty() != mfar);
  require(registration.fields().size() <= client::kMaxRegistrationFields);
  for (const RegistrationField& field : registration.fields()) {
    require(is_field_name(field.name) && !field.value.empty());
    require(field.value.size() <= kMaxFieldValueBytes);
  }
}

/// An error never quotes the file: a line may be a piece of the key.
void require_discreet(const client::Error& error) {
  constexpr std::size_t kLongestOfOurs = 60;
  require(!error.text.empty() && error.text.size() <= kLongestOfOurs);
}

}  // namespace

void run(std::string_view text) {
  const auto parsed = client::parse_key_file(text);
  if (!parsed) {
    require_discreet(parsed.why());
    return;
  }
  require(!parsed->identity.empty());
  require_whole(*parsed);
  require(parsed->kind != Kind::legacy && parsed->epoch <= kMaxEpoch);
  require(parsed->server_id.empty() || is_identity(parsed->server_id));
  const client::LockedBuffer written = client::format_key_file(*parsed);
  const auto again = client::parse_key_file(text_of(written.bytes()));
  require(static_cast<bool>(again));
  require_same_key(*parsed, *again);
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(countersign::text_of(std::as_bytes(std::span{data, size})));
  return 0;
}
