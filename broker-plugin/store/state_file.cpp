#include "store/state_file.hpp"

#include <unistd.h>

#include <cerrno>

#include "openssl/crypto.hpp"
#include "store/file.hpp"
#include "store/key_file.hpp"

namespace countersign::store {
namespace {

/// The file:
///   size  field
///   4     "CSS1"
///   8     run     u64, big-endian
///   n     nonce || ciphertext || tag under the key in `sessions.key`, bound to the run
constexpr std::string_view kMark = "CSS1";
constexpr std::size_t kHeadBytes = 4 + 8;
constexpr std::size_t kMaxStateBytes = std::size_t{1} << 30U;
constexpr const char* kTable = "sessions";

struct Paths {
  explicit Paths(const std::string& directory)
      : state{directory + "/sessions.state"}, key{directory + "/sessions.key"} {}
  std::string state;
  std::string key;
};

Status remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_failure("cannot delete", path, errno);
  }
  return Done{};
}

/// Deletes both files for good.
Status forget(const Paths& paths, const std::string& directory) {
  // the key first: without it the other file is noise
  for (const std::string* path : {&paths.key, &paths.state}) {
    if (Status gone = remove(*path); !gone) {
      return gone;
    }
  }
  return sync_directory(directory);
}

Outcome<std::vector<std::byte>> sealed(const WrapKey& key, std::uint64_t run, ByteView state) {
  std::vector<std::byte> out(kHeadBytes + state.size() + kWrapOverheadBytes);
  countersign::Writer head{out};
  head.raw(bytes_of(kMark)).be(run);
  if (!key.wrap(kTable, std::to_string(run), state, MutableBytes{out}.subspan(kHeadBytes))) {
    return Failure{"cannot wrap the sessions", {}};
  }
  return out;
}

/// What was saved at the end of `run`, or why it cannot be taken.
Outcome<std::vector<std::byte>> opened(const Paths& paths, std::uint64_t run) {
  const auto key = load_key_file(paths.key);
  if (!key) {
    return key.why();
  }
  const auto file = read_private_file(paths.state, kMaxStateBytes);
  if (!file) {
    return file.why();
  }
  Reader reader{*file};
  const ByteView mark = reader.take(kMark.size());
  const auto saved_by = reader.be<std::uint64_t>();
  const ByteView wrapped = reader.rest();
  if (!reader.ok() || text_of(mark) != kMark || wrapped.size() < kWrapOverheadBytes) {
    return Failure{paths.state + " is damaged", {}};
  }
  if (saved_by != run) {
    return Failure{paths.state + " is of run " + std::to_string(saved_by) + ", not of the last, " +
                       std::to_string(run),
                   {}};
  }
  std::vector<std::byte> state(wrapped.size() - kWrapOverheadBytes);
  if (!key->unwrap(kTable, std::to_string(run), wrapped, state)) {
    return Failure{paths.state + " does not open with " + paths.key, {}};
  }
  return state;
}

}  // namespace

Status save_state(const std::string& directory, std::uint64_t run, ByteView state) {
  const Paths paths{directory};
  if (state.size() > kMaxStateBytes - kHeadBytes - kWrapOverheadBytes) {
    return Failure{"the sessions are too many to save", {}};
  }
  openssl::OpenSslRandom random;
  Key32 key;
  if (!random.fill(key.fill())) {
    return Failure{"no random numbers from the system", {}};
  }
  if (Status gone = forget(paths, directory); !gone) {
    return gone;
  }
  const auto file = sealed(WrapKey{key}, run, state);
  if (!file) {
    return file.why();
  }
  if (Status written = write_private_file(paths.state, *file); !written) {
    return written;
  }
  Status written = write_private_file(paths.key, key.bytes());
  if (!written) {
    static_cast<void>(forget(paths, directory));
  }
  return written;
}

Outcome<Start> begin_run(Store& store, const std::string& directory) {
  const Paths paths{directory};
  const auto last = store.run();
  if (!last) {
    return last.why();
  }
  Start start;
  if (exists(paths.state) || exists(paths.key)) {
    auto state = opened(paths, *last);
    if (state) {
      start.state = std::move(*state);
    } else {
      start.note = "sessions of the last run are not taken up: " + state.why().message();
    }
  }
  const auto run = store.raise_run();
  const Status gone = run ? forget(paths, directory) : run.why();
  if (!gone) {
    wipe(start.state ? MutableBytes{*start.state} : MutableBytes{});
    return gone.why();
  }
  start.run = *run;
  return start;
}

}  // namespace countersign::store
