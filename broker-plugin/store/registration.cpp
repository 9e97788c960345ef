#include "store/registration.hpp"

#include <algorithm>

namespace countersign::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMostBytes =
    3 + (1 + kMaxOrigins + 2 * kMaxDeviceFields) * (1 + kMaxRegistrationText);

bool fits(const Registration& registration) {
  const auto short_enough = [](const std::string& text) {
    return text.size() <= kMaxRegistrationText;
  };
  return short_enough(registration.password_hash) && registration.origins.size() <= kMaxOrigins &&
         registration.data.size() <= kMaxDeviceFields &&
         std::all_of(registration.origins.begin(), registration.origins.end(), short_enough) &&
         std::all_of(registration.data.begin(), registration.data.end(), [&](const auto& field) {
           return short_enough(field.first) && short_enough(field.second);
         });
}

}  // namespace

std::vector<std::byte> write_registration(const Registration& registration) {
  if (!fits(registration)) {
    return {};
  }
  std::vector<std::byte> image(kMostBytes);
  Writer out{image};
  out.be(kVersion).s8(bytes_of(registration.password_hash));
  out.be(static_cast<std::uint8_t>(registration.origins.size()));
  for (const std::string& origin : registration.origins) {
    out.s8(bytes_of(origin));
  }
  out.be(static_cast<std::uint8_t>(registration.data.size()));
  for (const auto& [name, value] : registration.data) {
    out.s8(bytes_of(name)).s8(bytes_of(value));
  }
  image.resize(out.ok() ? out.written().size() : 0);
  return image;
}

std::optional<Registration> read_registration(ByteView image) {
  Reader in{image};
  Registration registration;
  const auto version = in.be<std::uint8_t>();
  registration.password_hash = text_of(in.s8());
  const auto origins = in.be<std::uint8_t>();
  for (std::size_t i = 0; i < origins && in.ok(); ++i) {
    registration.origins.emplace_back(text_of(in.s8()));
  }
  const auto fields = in.be<std::uint8_t>();
  for (std::size_t i = 0; i < fields && in.ok(); ++i) {
    std::string name{text_of(in.s8())};
    registration.data.emplace_back(std::move(name), text_of(in.s8()));
  }
  const bool whole = in.ok() && in.rest().empty();
  return whole && version == kVersion && fits(registration) ? std::optional{registration}
                                                            : std::nullopt;
}

}  // namespace countersign::store
