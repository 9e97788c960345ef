#include "countersign/client/key_source.hpp"

namespace countersign::client {

Outcome<RegistrationKey> KeySource::registration() {
  return Error{Fault::usage, "this key is not of method mfar"};
}

Outcome<Checksum> KeySource::checksum(const Digest&) {
  return Error{Fault::usage, "only a card can sign messages itself", "leave on-card signing out"};
}

}  // namespace countersign::client
