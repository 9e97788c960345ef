#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "countersign/client/card/pcsc_code.hpp"

namespace countersign::client {

/// One reader and what PC/SC last said of it: dwEventState, whose high word counts what happened.
struct WatchedReader {
  std::string name;
  std::uint32_t state = 0;  ///< 0: not asked yet
};

/// What a watch asks PC/SC: the seam behind which tests put its codes. One thread, but for
/// `cancel`.
class ReaderSource {
 public:
  virtual ~ReaderSource() = default;

  /// A context of its own; one that was there is given back.
  [[nodiscard]] virtual PcscCode establish() = 0;
  virtual void release() = 0;
  [[nodiscard]] virtual PcscCode list(std::vector<std::string>& names) = 0;
  /// Waits until one of `readers` is in another state than it says, or another reader comes or
  /// goes; says their states then.
  [[nodiscard]] virtual PcscCode wait(std::vector<WatchedReader>& readers,
                                      std::chrono::milliseconds limit) = 0;
  /// Waits, unless cancelled.
  virtual void pause(std::chrono::milliseconds time) = 0;
  /// Ends a wait or a pause that is going on, and no later one. From any thread.
  virtual void cancel() = 0;
};

[[nodiscard]] std::unique_ptr<ReaderSource> make_pcsc_reader_source();

}  // namespace countersign::client
