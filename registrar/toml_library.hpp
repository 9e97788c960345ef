#pragma once

// toml++ compiled in, without exceptions: its shared library is built with them.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0

// Some assertions of toml++ 3.3 do not hold for odd text, which it then refuses all the same. They
// must neither abort us nor, with NDEBUG, be promised to the optimiser.
#define TOML_ASSERT(expression) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#include <toml++/toml.h>
#pragma GCC diagnostic pop
#pragma pop_macro("NDEBUG")
