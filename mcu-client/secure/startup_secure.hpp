#pragma once

namespace countersign::mcu {

/// What the secure image does once its memory is ready; when it returns, the board says so and
/// starts anew.
void secure_main();

}  // namespace countersign::mcu
