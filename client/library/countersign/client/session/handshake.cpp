#include "countersign/client/session/handshake.hpp"

#include "countersign/client/session/aplus_handshake.hpp"
#include "countersign/client/session/mfar_handshake.hpp"

namespace countersign::client {
namespace {

Outcome<std::unique_ptr<Handshake>> make_aplus(const Options& options, KeySource& source,
                                               const Crypto& crypto, Random& random) {
  const auto key = source.next_handshake_key(options.server_id);
  if (!key) {
    return key.why();
  }
  auto made = std::make_unique<AplusHandshake>();
  if (made->start(crypto, random, *key, source.identity().text(), options.server_id, options.suite,
                  options.patience) != Refusal::none) {
    return Error{Fault::usage,
                 "no handshake can be made with server_id \"" + options.server_id + "\"",
                 "it must be the server_id of the broker's countersign.toml"};
  }
  return std::unique_ptr<Handshake>{std::move(made)};
}

Outcome<std::unique_ptr<Handshake>> make_mfar(const Options& options, KeySource& source) {
  auto key = source.registration();
  if (!key) {
    return key.why();
  }
  auto made = std::make_unique<MfarHandshake>();
  if (!made->start(std::move(*key), source.identity(), options)) {
    return Error{Fault::file, "the key has no password that a broker takes, or there is no memory"};
  }
  return std::unique_ptr<Handshake>{std::move(made)};
}

}  // namespace

Outcome<std::unique_ptr<Handshake>> Handshake::make(const Options& options, KeySource& key,
                                                    const Crypto& crypto, Random& random) {
  return key.method() == Method::mfar ? make_mfar(options, key)
                                      : make_aplus(options, key, crypto, random);
}

}  // namespace countersign::client
