#include "engine/connections.hpp"

#include <algorithm>
#include <utility>

namespace countersign::engine {

Connection* Connections::find(ClientHandle handle) { return by_handle_.find(handle); }

Connection& Connections::admit(ClientHandle handle, std::string client_id, std::string address,
                               Millis now) {
  erase(handle);
  Connection& connection = by_handle_.add(handle);
  connection.handle = handle;
  connection.serial = ++last_serial_;
  connection.client_id = std::move(client_id);
  connection.address = std::move(address);
  connection.since = now;
  by_client_id_.emplace(connection.client_id, &connection);
  return connection;
}

void Connections::erase(ClientHandle handle) {
  const Connection* const connection = find(handle);
  if (connection == nullptr) {
    return;
  }
  const auto [first, last] = by_client_id_.equal_range(connection->client_id);
  const auto same =
      std::find_if(first, last, [&](const auto& entry) { return entry.second == connection; });
  if (same != last) {
    by_client_id_.erase(same);
  }
  by_handle_.erase(handle);
}

void Connections::depart(ClientHandle handle) {
  if (Connection* const connection = find(handle); connection != nullptr) {
    connection->departed = true;
    departed_.push_back(handle);
  }
}

void Connections::forget_departed() {
  for (const ClientHandle handle : departed_) {
    const Connection* const connection = find(handle);
    if (connection != nullptr && connection->departed && connection->standing != Standing::proven) {
      erase(handle);
    }
  }
  departed_.clear();
}

void Connections::supersede(std::string_view client_id, ClientHandle newer) {
  const auto [first, last] = by_client_id_.equal_range(std::string{client_id});
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second->handle != newer) {
      entry->second->superseded = true;
      superseded_.push_back(entry->second->handle);
    }
  }
}

void Connections::clear_superseded() {
  for (const ClientHandle handle : superseded_) {
    Connection* const connection = find(handle);
    if (connection == nullptr) {
      continue;
    }
    connection->superseded = false;
    // its successor has taken over the stored session; its will has fired or never will
    if (connection->departed) {
      erase(handle);
    }
  }
  superseded_.clear();
}

Connection* Connections::live(std::string_view client_id) {
  const auto [first, last] = by_client_id_.equal_range(std::string{client_id});
  for (auto entry = first; entry != last; ++entry) {
    if (!entry->second->departed && !entry->second->superseded) {
      return entry->second;
    }
  }
  return nullptr;
}

void Connections::for_each(const std::function<void(Connection&)>& visit) {
  by_handle_.for_each(visit);
}

std::size_t Connections::count(Standing standing) const {
  std::size_t found = 0;
  by_handle_.for_each([&](const Connection& connection) {
    found += connection.standing == standing && !connection.departed ? 1U : 0U;
  });
  return found;
}

void Connections::kick_later(const Connection& connection, bool with_will) {
  const auto same = [&](const Kick& kick) { return kick.serial == connection.serial; };
  const bool queued = std::any_of(kicks_.begin(), kicks_.end(), same) ||
                      std::any_of(due_kicks_.begin(), due_kicks_.end(), same);
  if (!queued && !connection.departed) {
    kicks_.push_back({connection.handle, connection.serial, with_will});
  }
}

std::vector<Connections::Kick> Connections::take_kicks() {
  return std::exchange(due_kicks_, std::exchange(kicks_, {}));
}

}  // namespace countersign::engine
