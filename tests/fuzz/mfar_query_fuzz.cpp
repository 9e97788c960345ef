/// Queries of MFA_R's second step against a registration of one field.
///   1+n name of the field
///   1+n its value
///   …   query

#include "countersign/mfar_query.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

void check_op(const QueryOp& op) {
  require(op.kind != QueryOp::Kind::slice || op.length > 0);
  require(op.kind != QueryOp::Kind::mask || (!op.mask.empty() && op.mask.size() % 2 == 0));
}

void check_query(std::string_view text, const Query& query, RegistrationFields fields) {
  require(text.size() <= kMaxQueryBytes && is_field_name(query.field));
  require(text.substr(0, query.field.size()) == query.field);
  bool slices = false;
  std::size_t count = 0;
  for (std::string_view ops = query.ops; !ops.empty(); ++count) {
    const QueryOp op = take_op(ops);
    check_op(op);
    slices = slices || op.kind == QueryOp::Kind::slice;
  }
  require(count <= kMaxQueryOps);
  Bytes<kMaxFieldValueBytes> room;
  const auto result = apply_query(query, fields, room);
  const ByteView value = fields.front().value;
  if (!result) {
    require(slices || value.empty() || query.field != fields.front().name);
    return;
  }
  require(query.field == fields.front().name && !result->empty());
  require(slices ? result->size() <= value.size() : result->size() == value.size());
}

}  // namespace

void run(Input in) {
  const std::string_view name = in.text();
  const std::array fields{RegistrationField{.name = name, .value = in.field()}};
  const std::string_view text = text_of(in.rest());
  if (const auto query = parse_query(text)) {
    check_query(text, *query, fields);
  }
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
