#pragma once

#include "secure/gate_desk.hpp"

namespace countersign::mcu {

/// Whom the gate asks from now on; borrowed. Before it, the other side does not run.
void open_gate(GateDesk& to);

}  // namespace countersign::mcu
