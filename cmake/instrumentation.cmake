# countersign_instrumentation: sanitizers and coverage, chosen by the preset. It comes with countersign_warnings.

set(COUNTERSIGN_SANITIZERS "" CACHE STRING "Sanitizers, e.g. address;undefined")
option(COUNTERSIGN_COVERAGE "Count executed lines (gcov)" OFF)

add_library(countersign_instrumentation INTERFACE)
target_link_libraries(countersign_warnings INTERFACE countersign_instrumentation)

if(COUNTERSIGN_SANITIZERS)
  list(JOIN COUNTERSIGN_SANITIZERS "," sanitizers)
  target_compile_options(countersign_instrumentation INTERFACE
    -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_definitions(countersign_instrumentation INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(countersign_instrumentation INTERFACE -fsanitize=${sanitizers})
endif()

if(COUNTERSIGN_COVERAGE)
  target_compile_options(countersign_instrumentation INTERFACE --coverage)
  target_link_options(countersign_instrumentation INTERFACE --coverage)
endif()

# An uninstrumented program that loads an instrumented plugin needs these preloaded: libasan must come first, and it finds
# __cxa_throw only if libstdc++ is there when it starts.
set(COUNTERSIGN_PRELOAD "")
if("address" IN_LIST COUNTERSIGN_SANITIZERS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  foreach(library libasan.so libstdc++.so)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${library}
      OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    file(REAL_PATH ${found} found)
    list(APPEND COUNTERSIGN_PRELOAD ${found})
  endforeach()
  list(JOIN COUNTERSIGN_PRELOAD ":" COUNTERSIGN_PRELOAD)
endif()
