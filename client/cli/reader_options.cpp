#include "reader_options.hpp"

#include "countersign/client/card/apdu_log.hpp"

namespace countersign::cli {

void ReaderOptions::declare(CLI::App& app) {
  app.add_option("--apdu-log", log_path_,
                 "Append what the card is told and answers to this file, secrets masked; - is "
                 "standard error")
      ->type_name("FILE");
}

client::Outcome<client::TransportFactory> ReaderOptions::transports() const {
  if (log_path_.empty()) {
    return client::TransportFactory{client::make_pcsc_transport};
  }
  return client::log_apdus(log_path_);
}

}  // namespace countersign::cli
