#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "countersign/client/mqtt/paho_options.hpp"

namespace countersign::client {
namespace {

bool append(int descriptor, const std::string& text) {
  return ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

TrustStore::TrustStore(TrustStore&& other) noexcept
    : path_{std::move(other.path_)}, descriptor_{std::exchange(other.descriptor_, -1)} {}

TrustStore::~TrustStore() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Outcome<TrustStore> TrustStore::open(const TlsOptions& tls) {
  TrustStore store;
  for (const std::string& file : {tls.cafile, tls.cert, tls.key}) {
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0) {
      return Error{Fault::file, "cannot read " + file, "is it there, and may you read it?"};
    }
  }
  if (tls.capath.empty()) {
    store.path_ = tls.cafile;
    return store;
  }
  store.descriptor_ = ::memfd_create("countersign-trust", MFD_CLOEXEC);
  store.path_ = "/proc/self/fd/" + std::to_string(store.descriptor_);
  std::error_code failed;
  std::size_t certificates = 0;
  for (const auto& entry : std::filesystem::directory_iterator{tls.capath, failed}) {
    std::ifstream file{entry.path()};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (text.find("-----BEGIN CERTIFICATE-----") != std::string::npos) {
      certificates += append(store.descriptor_, text + "\n") ? 1U : 0U;
    }
  }
  if (failed || store.descriptor_ < 0 || certificates == 0) {
    return Error{Fault::file, "no certificates in " + tls.capath};
  }
  return store;
}

}  // namespace countersign::client
