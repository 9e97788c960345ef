/// A request's body: an object of its shape, or a problem that quotes nothing. Never a crash.

#include <array>
#include <string>

#include "fuzz/input.hpp"
#include "registrar/body.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using countersign::fuzz::require;
  using countersign::registrar::Answer;
  using countersign::registrar::Json;
  using countersign::registrar::Member;
  constexpr std::array kShape{
      Member{"deviceData", Member::Type::map_of_texts, true},
      Member{"label", Member::Type::text},
      Member{"roles", Member::Type::texts},
      Member{"expiresIn", Member::Type::number},
  };
  const std::string text{data, data + size};
  auto read = countersign::registrar::read_body(text, kShape);
  if (auto* const body = std::get_if<Json>(&read)) {
    require(body->is_object() && body->contains("deviceData") && body->size() <= kShape.size());
    require(!body->dump().empty());  // throws where a text is no UTF-8
    countersign::registrar::wipe_texts(*body);
    return 0;
  }
  const Answer& problem = std::get<Answer>(read);
  require(problem.status == 400 && Json::parse(problem.body).at("status") == 400);
  return 0;
}
