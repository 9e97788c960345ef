#include <winscard.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string_view>

#include "countersign/client/card/reader_source.hpp"

namespace countersign::client {
namespace {

/// Changes when a reader comes or goes.
constexpr const char* kAnyReader = "\\\\?PnP?\\Notification";

class PcscReaderSource final : public ReaderSource {
 public:
  ~PcscReaderSource() override { release(); }

  PcscCode establish() override;
  void release() override;
  PcscCode list(std::vector<std::string>& names) override;
  PcscCode wait(std::vector<WatchedReader>& readers, std::chrono::milliseconds limit) override;
  void pause(std::chrono::milliseconds time) override;
  void cancel() override;

 private:
  std::mutex mutex_;  // of what `cancel` looks at
  std::condition_variable cancelled_;
  SCARDCONTEXT context_ = 0;
  std::uint64_t cancels_ = 0;
  bool established_ = false;
};

void PcscReaderSource::release() {
  const std::scoped_lock lock{mutex_};
  if (established_) {
    ::SCardReleaseContext(context_);
    established_ = false;
  }
}

PcscCode PcscReaderSource::establish() {
  release();
  SCARDCONTEXT context = 0;
  const LONG code = ::SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
  const std::scoped_lock lock{mutex_};
  context_ = context;
  established_ = code == SCARD_S_SUCCESS;
  return static_cast<PcscCode>(code);
}

PcscCode PcscReaderSource::list(std::vector<std::string>& names) {
  names.clear();
  DWORD size = SCARD_AUTOALLOCATE;
  char* text = nullptr;
  const LONG code = ::SCardListReaders(context_, nullptr, reinterpret_cast<char*>(&text), &size);
  if (code == SCARD_S_SUCCESS) {
    for (const char* name = text; *name != '\0'; name += std::string_view{name}.size() + 1) {
      names.emplace_back(name);
    }
    ::SCardFreeMemory(context_, text);
  }
  return static_cast<PcscCode>(code);
}

PcscCode PcscReaderSource::wait(std::vector<WatchedReader>& readers,
                                std::chrono::milliseconds limit) {
  std::vector<SCARD_READERSTATE> states(readers.size());
  for (std::size_t i = 0; i < readers.size(); ++i) {
    states[i].szReader = readers[i].name.c_str();
    states[i].dwCurrentState = readers[i].state;
  }
  // PC/SC takes so many and no more: when all are there no other can come before one has gone
  if (states.size() < PCSCLITE_MAX_READERS_CONTEXTS) {
    states.push_back({});
    states.back().szReader = kAnyReader;
  }
  const LONG code = ::SCardGetStatusChange(context_, static_cast<DWORD>(limit.count()),
                                           states.data(), states.size());
  const bool seen = code == SCARD_S_SUCCESS ||
                    static_cast<PcscCode>(code) == static_cast<PcscCode>(SCARD_E_TIMEOUT);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (seen && states[i].dwEventState != 0) {
      readers[i].state = static_cast<std::uint32_t>(states[i].dwEventState);
    }
  }
  return static_cast<PcscCode>(code);
}

void PcscReaderSource::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  const std::uint64_t before = cancels_;
  cancelled_.wait_for(lock, time, [&] { return cancels_ != before; });
}

void PcscReaderSource::cancel() {
  SCARDCONTEXT context = 0;
  {
    const std::scoped_lock lock{mutex_};
    ++cancels_;
    context = established_ ? context_ : 0;
  }
  cancelled_.notify_all();
  if (context != 0) {
    ::SCardCancel(context);
  }
}

}  // namespace

std::unique_ptr<ReaderSource> make_pcsc_reader_source() {
  return std::make_unique<PcscReaderSource>();
}

}  // namespace countersign::client
