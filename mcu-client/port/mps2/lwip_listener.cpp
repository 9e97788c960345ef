#include "lwip_listener.hpp"

namespace countersign::mcu {

bool LwipListener::start(std::uint16_t port) {
  tcp_pcb* bound = tcp_new();
  if (bound == nullptr) {
    return false;
  }
  if (tcp_bind(bound, IP_ADDR_ANY, port) != ERR_OK) {
    tcp_abort(bound);
    return false;
  }
  tcp_pcb* listening = tcp_listen(bound);
  if (listening == nullptr) {
    tcp_abort(bound);
    return false;
  }
  tcp_arg(listening, this);
  tcp_accept(listening, on_accepted);
  return true;
}

err_t LwipListener::on_accepted(void* self, tcp_pcb* connection, err_t result) {
  auto& listener = *static_cast<LwipListener*>(self);
  if (result != ERR_OK || connection == nullptr) {
    return ERR_VAL;
  }
  if (listener.peer_.state() != LinkState::closed) {
    tcp_abort(connection);
    return ERR_ABRT;
  }
  listener.peer_.adopt(connection);
  return ERR_OK;
}

}  // namespace countersign::mcu
