#include "tools/image_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "countersign/client/file_access.hpp"
#include "flash/layout.hpp"

namespace countersign::mcu::tools {
namespace {

using client::Error;
using client::Fault;
using client::Status;

constexpr std::uintmax_t kImageBytes = std::uintmax_t{kFlashPages} * kPageBytes;

/// What of the flash is not a hole. Holds secrets: wiped when it ends.
class ImageKey {
 public:
  explicit ImageKey(std::size_t size) : bytes_(size, std::byte{0xFF}) {}
  ImageKey(const ImageKey&) = delete;
  ImageKey& operator=(const ImageKey&) = delete;
  ~ImageKey() { wipe(page()); }

  [[nodiscard]] std::span<std::byte, kPageBytes> page() {
    return std::span{bytes_}.first<kPageBytes>();
  }
  [[nodiscard]] MutableBytes bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// A new file as long as the flash is.
Status write_whole(const std::string& path, ByteView bytes) {
  if (Status done = client::write_new(path, bytes); !done) {
    return done;
  }
  std::error_code failed;
  std::filesystem::resize_file(path, kImageBytes, failed);
  if (failed) {
    ::unlink(path.c_str());
    return Error{.fault = Fault::file, .text = "cannot write " + path + ": " + failed.message()};
  }
  return client::Done{};
}

Status write_over(const std::string& path, ByteView bytes) {
  const std::string fresh = path + ".new";
  if (Status done = write_whole(fresh, bytes); !done) {
    return done;
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) {
    Error why = client::system_error("replace", path);
    ::unlink(fresh.c_str());
    return why;
  }
  return client::Done{};
}

}  // namespace

Status write_image(const std::string& path, const Settings& settings, const Secrets& secrets,
                   ByteView data_set, bool replace) {
  const std::size_t used = kReadingsRegion.address() + data_set.size();
  ImageKey image{(used + kPageBytes - 1) / kPageBytes * kPageBytes};
  if (!write_page(settings, secrets, image.page())) {
    return Error{.fault = Fault::usage,
                 .text = "these settings do not fit a device",
                 .hint = "all of them take " + std::to_string(kMaxSettingsBytes) +
                         " bytes at most; a topic 128"};
  }
  std::ranges::copy(data_set, image.bytes().subspan(kReadingsRegion.address()).begin());
  return replace ? write_over(path, image.bytes()) : write_whole(path, image.bytes());
}

}  // namespace countersign::mcu::tools
