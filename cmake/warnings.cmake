# countersign_warnings: what every target of ours is compiled with. Link it PRIVATE:
#
#   target_link_libraries(x PRIVATE $<BUILD_INTERFACE:countersign_warnings>)
#
# It brings the instrumentation of the preset (cmake/instrumentation.cmake) along, so that no target forgets it.

option(COUNTERSIGN_WERROR "Treat warnings as errors" OFF)

add_library(countersign_warnings INTERFACE)
target_compile_options(countersign_warnings INTERFACE
  -Wall -Wextra -Wpedantic
  -Wconversion -Wsign-conversion -Wdouble-promotion
  -Wshadow -Wold-style-cast -Wcast-qual -Wcast-align
  -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
  -Wformat=2 -Wundef -Wimplicit-fallthrough -Wvla
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches>
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  # GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651)
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${COUNTERSIGN_WERROR}>:-Werror>
)
