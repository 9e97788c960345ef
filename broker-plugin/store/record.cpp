#include "store/record.hpp"

namespace countersign::store {
namespace {

struct IdentityOf {
  const std::string& operator()(const PutRecord& change) const { return change.record.identity; }
  const std::string& operator()(const SetLearned& change) const { return change.name; }
  const std::string& operator()(const PutToken& change) const { return change.token.hash; }
  const std::string& operator()(const RemoveToken& change) const { return change.hash; }
  template <class T>
  const std::string& operator()(const T& change) const {
    return change.identity;
  }
};

}  // namespace

const std::string& identity_of(const Change& change) { return std::visit(IdentityOf{}, change); }

}  // namespace countersign::store
