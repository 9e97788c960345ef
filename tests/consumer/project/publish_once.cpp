// Publishes one signed reading: publish_once KEYFILE PORT TOPIC PAYLOAD

#include <countersign/client/client.hpp>
#include <countersign/client/software_key.hpp>
#include <iostream>

namespace {

int fail(const countersign::client::Error& why) {
  std::cerr << why.text << '\n';
  return countersign::client::exit_code(why.fault);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    return countersign::client::exit_code(countersign::client::Fault::usage);
  }
  auto key = countersign::client::SoftwareKey::open(argv[1]);
  if (!key) {
    return fail(key.why());
  }
  countersign::client::Options options;
  options.host = "127.0.0.1";
  options.port = static_cast<std::uint16_t>(std::stoi(argv[2]));
  options.server_id = (*key)->server_id();

  countersign::client::Client client{options, std::move(*key)};
  if (const auto session = client.login(); !session) {
    return fail(session.why());
  }
  const auto published = client.publish(argv[3], countersign::bytes_of(argv[4]));
  return published ? 0 : fail(published.why());
}
