#pragma once

#include "config/settings.hpp"
#include "countersign/crypto.hpp"
#include "dataserv/dataserv.hpp"
#include "engine/addresses.hpp"
#include "engine/audit_file.hpp"
#include "engine/broker.hpp"
#include "engine/commits.hpp"
#include "engine/connections.hpp"
#include "engine/metrics.hpp"
#include "engine/registry.hpp"

namespace countersign::engine {

/// What every part of the engine works with. All of it belongs to `Server`; all of it lives on the
/// broker's thread.
struct Context {
  const Crypto& crypto;
  Random& random;
  Broker& broker;
  const config::Settings* settings;  ///< replaced whole on reload
  Registry& registry;
  dataserv::DataServ& dataserv;
  Connections& connections;
  Addresses& addresses;
  AuditFile& audit;
  Commits& commits;
  Metrics& metrics;
};

}  // namespace countersign::engine
