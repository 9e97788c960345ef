#include "registrar/routes.hpp"

#include <array>

namespace countersign::registrar {
namespace {

constexpr std::array kRoutes{
    Route{"POST", "/v1/devices", Access::enrolling, &RegServ::register_device, true},
    Route{"GET", "/v1/devices", Access::administrator, &RegServ::list_devices, false, true},
    Route{"GET", "/v1/devices/{user}", Access::administrator, &RegServ::show_device},
    Route{"DELETE", "/v1/devices/{user}", Access::administrator, &RegServ::remove_device},
    Route{"POST", "/v1/legacy-devices", Access::administrator, &RegServ::register_legacy, true},
    Route{"POST", "/v1/enrolment-tokens", Access::administrator, &RegServ::create_token, true},
    Route{"GET", "/v1/enrolment-tokens", Access::administrator, &RegServ::list_tokens},
    Route{"DELETE", "/v1/enrolment-tokens/{id}", Access::administrator, &RegServ::revoke_token},
    Route{"GET", "/healthz", Access::anybody, &RegServ::health},
    Route{"GET", "/openapi.yaml", Access::anybody, &RegServ::description},
};

/// True if `path` is `shape`; `name` is what stands at its `{…}`.
bool matches(std::string_view shape, std::string_view path, std::string_view& name) {
  const std::size_t brace = shape.find('{');
  if (brace == std::string_view::npos) {
    return shape == path;
  }
  if (path.size() <= brace || path.substr(0, brace) != shape.substr(0, brace)) {
    return false;
  }
  name = path.substr(brace);
  return name.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

Found find_route(std::string_view method, std::string_view path) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Found out;
  for (const Route& route : kRoutes) {
    std::string_view name;
    if (!matches(route.path, path, name)) {
      continue;
    }
    if (route.method == wanted) {
      out.route = &route;
      out.name = name;
      return out;
    }
    out.allow.append(out.allow.empty() ? "" : ", ").append(route.method);
    if (route.method == "GET") {
      out.allow.append(", HEAD");
    }
  }
  return out;
}

}  // namespace countersign::registrar
