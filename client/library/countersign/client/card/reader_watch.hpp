#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "countersign/client/card/reader_source.hpp"

namespace countersign::client {

struct ReaderEvent {
  enum class What : std::uint8_t {
    reader_added,
    reader_removed,
    inserted,
    removed,
    service_lost,
    service_found,
  };
  What what = What::service_lost;
  std::string reader;  ///< empty for `service_lost` and `service_found`

  bool operator==(const ReaderEvent&) const = default;
};

/// Follows every reader of this host, from the first on: what is there already is told as added and
/// inserted. Outlives the service: when it is back, a card that left meanwhile is told as removed,
/// and one that is in its reader as removed and inserted, because it may be another.
class ReaderWatch {
 public:
  /// Called on the watch's thread, in order; it may take its time, nothing is lost meanwhile.
  using Take = std::function<void(const ReaderEvent&)>;

  explicit ReaderWatch(Take take, std::unique_ptr<ReaderSource> source = make_pcsc_reader_source());
  ReaderWatch(const ReaderWatch&) = delete;
  ReaderWatch& operator=(const ReaderWatch&) = delete;
  /// Nothing is told afterwards. A service that hangs holds this up for two seconds, not longer.
  ~ReaderWatch();

 private:
  class Round;

  std::unique_ptr<Round> round_;
  std::thread thread_;
};

}  // namespace countersign::client
