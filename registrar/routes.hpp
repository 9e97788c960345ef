#pragma once

#include <span>
#include <string>
#include <string_view>

#include "registrar/authority.hpp"
#include "registrar/reg_serv.hpp"

namespace countersign::registrar {

/// One method of one path. registrar/openapi.yaml lists the same ones: a test compares them.
struct Route {
  std::string_view method;
  std::string_view path;  ///< the last part may be a name: `/v1/devices/{user}`
  Access access;
  Answer (RegServ::*act)(const Asked& asked);
  bool has_body = false;
  bool has_query = false;
};

[[nodiscard]] std::span<const Route> routes();

/// What a request's method and path come to.
struct Found {
  const Route* route = nullptr;
  std::string_view name;  ///< what stands at the path's `{…}`. Borrows from the path
  std::string allow;      ///< without a route: what the path takes; empty: there is no such path
};
/// HEAD is GET.
[[nodiscard]] Found find_route(std::string_view method, std::string_view path);

}  // namespace countersign::registrar
