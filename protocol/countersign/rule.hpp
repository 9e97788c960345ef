#pragma once

#include <cstdint>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/footprint.hpp"
#include "countersign/reputation.hpp"

namespace countersign {

/// off: bytes untouched. observe: a valid envelope is unwrapped, everything else delivered as sent
/// and counted. enforce: nothing unsigned passes.
enum class Mode : std::uint8_t { off, observe, enforce };

enum class Finding : std::uint8_t { none, in_range, out_of_range };

/// What an evaluator says of one reading.
struct Evaluation {
  Finding finding = Finding::none;
  std::string_view objector;  ///< which part of the rule objected first; static text
};

/// One payload, as evaluators see it. Borrows.
struct Reading {
  std::string_view identity;
  ByteView payload;
  Millis now = 0;
  bool authenticated = true;       ///< false: nothing may be learned from it
  std::uint32_t* place = nullptr;  ///< kept with the sender: where its evaluator found it last
  Footprint* footprint = nullptr;  ///< takes down what was looked at; null: nobody asks
};

/// What a payload says of its sender [MFA_R: DataServ]. Never fails: a payload without the value it
/// looks for is out of range. May learn from what is certainly the sender's.
class Evaluator {
 public:
  [[nodiscard]] virtual Evaluation evaluate(const Reading& reading) = 0;

 protected:
  Evaluator() = default;
  Evaluator(const Evaluator&) = default;
  Evaluator& operator=(const Evaluator&) = default;
  ~Evaluator() = default;
};

/// The part of a topic rule that judges one message.
struct Rule {
  Mode mode = Mode::enforce;
  Level least_level = Level::auth2;
  bool sealed = false;         ///< refuses what is not sealed: `not_sealed`
  bool short_tags = false;     ///< takes 8-byte tags, else `denied`
  bool qos2 = false;           ///< takes QoS 2, else `qos2`
  bool retained = false;       ///< takes retained messages, else `retain`
  bool wills = false;          ///< takes committed wills, else `will`
  bool card_required = false;  ///< refuses what no card signed: `card_required`
  bool deliver_out_of_range = false;
  bool proves = false;         ///< the topic of handshakes: enforcement neither stops nor asks here
  std::uint32_t receipts = 0;  ///< a receipt every so many accepted messages; 0: on request only
  Evaluator* evaluator = nullptr;  ///< borrowed; outlives the rule
};

}  // namespace countersign
