#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "store/store.hpp"
#include "store/waker.hpp"

namespace countersign::store {

/// Names one submitted change. Rises; never 0.
using Ticket = std::uint64_t;

/// How a submitted change ended. `error` says why it is not durable.
struct Completion {
  Ticket ticket = 0;
  bool durable = false;
  std::string error;
};

struct WriterOptions {
  std::size_t queue = 65'536;  ///< submitted and not yet drained, at the most
  std::size_t batch = 4096;    ///< changes in one transaction, at the most
  Millis note_delay = 1000;    ///< how long a noted reputation may wait
};

/// Opens the store that a writer writes to.
using Opener = std::function<Outcome<std::unique_ptr<Store>>()>;

/// Makes changes durable on a thread of its own. All but that thread is used from one thread, the
/// broker's.
class Writer {
 public:
  /// Starts a writer whose store is opened, used and closed in its own thread, with a file table of
  /// its own: nobody else in the process may have the same files open. `waker` outlives the writer.
  [[nodiscard]] static Outcome<std::unique_ptr<Writer>> start(const Opener& open, Waker& waker,
                                                              WriterOptions options = {});
  /// Stops as `flush_and_stop` does.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Queues a change that will be committed at once, with whatever else waits, in order.
  /// \returns nothing if the queue is full or the writer stopped: refuse what needed it (`busy`).
  [[nodiscard]] std::optional<Ticket> submit(Change change);

  /// Marks a score as changed: committed within `note_delay`, later notes replacing earlier ones.
  /// No ticket; kept and tried again if a commit fails.
  void note(SetReputation change);

  /// Hands out, in order, what became of tickets. Never blocks on the disk.
  void drain(const std::function<void(const Completion&)>& take);

  /// Commits what waits, ends the thread, and leaves completions for a last `drain`.
  void flush_and_stop();

  /// Commits that failed since the start.
  [[nodiscard]] std::uint64_t failed_commits() const;
  /// True if the last commit failed.
  [[nodiscard]] bool failing() const;

 private:
  class Thread;
  explicit Writer(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace countersign::store
