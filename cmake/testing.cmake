# How tests are added:
#
#   countersign_unit_test(protocol_tests LIBRARIES countersign::openssl SOURCES envelope_test.cpp replay_window_test.cpp)
#   countersign_pytest(broker.publish publish_test.py LABELS broker ON_NEWER_TOO)
#   countersign_script_test(format LABELS style COMMAND ${CMAKE_SOURCE_DIR}/scripts/check_format.sh)

include(GoogleTest)

set(countersign_tests_dir ${CMAKE_SOURCE_DIR}/tests)

# environment of every test: a sanitizer's report is a failure
set(countersign_sanitizer_env
  "ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0"
  "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1")

# One GoogleTest executable; each TEST is a test of ctest's own.
function(countersign_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_compile_definitions(${name} PRIVATE
    COUNTERSIGN_VECTORS="${countersign_tests_dir}/vectors"
    COUNTERSIGN_TEST_DATA="${countersign_tests_dir}/data")
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main countersign_warnings)
  gtest_discover_tests(${name}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    TEST_PREFIX unit.
    PROPERTIES LABELS unit TIMEOUT ${arg_TIMEOUT})
  # PROPERTIES takes no lists: what is one is set when ctest knows the tests' names
  set(labels unit ${arg_LABELS})
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${name}_properties.cmake)
  file(CONFIGURE OUTPUT ${properties} @ONLY CONTENT
    [[set_tests_properties(${@name@_TESTS} PROPERTIES LABELS "@labels@" ENVIRONMENT "@countersign_sanitizer_env@")
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()

# One Python file of black-box tests, run by Debian's Python against what this build made.
# LABELS card or demo: needs the card bridge; it is built first.
# ON_NEWER_TOO: once more as NAME@newer, label newer, on the newer Mosquitto; skipped where there is none.
function(countersign_pytest name file)
  cmake_parse_arguments(PARSE_ARGV 2 arg "ON_NEWER_TOO" "TIMEOUT;COST" "LABELS;ENVIRONMENT")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(pytest /usr/bin/python3 -m pytest -q -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set(names ${name})
  add_test(NAME ${name} COMMAND ${pytest})
  if(arg_ON_NEWER_TOO)
    list(APPEND names ${name}@newer)
    add_test(NAME ${name}@newer COMMAND ${CMAKE_SOURCE_DIR}/scripts/newer_mosquitto.sh ${pytest})
  endif()
  set_tests_properties(${names} PROPERTIES
    LABELS "${arg_LABELS}"
    TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "${countersign_pytest_env};${arg_ENVIRONMENT}"
    SKIP_RETURN_CODE 77)
  if(arg_ON_NEWER_TOO)
    set_tests_properties(${name}@newer PROPERTIES LABELS "${arg_LABELS};newer")
  endif()
  if(arg_COST)
    set_tests_properties(${names} PROPERTIES COST ${arg_COST})
  endif()
  if("card" IN_LIST arg_LABELS)
    set_tests_properties(${names} PROPERTIES FIXTURES_REQUIRED card_bridge)
  endif()
endfunction()

# Leaks of the broker that only preloads libasan are not ours to judge; everything else is.
set(countersign_pytest_env
  "COUNTERSIGN_PLUGIN=${CMAKE_BINARY_DIR}/broker-plugin/mosquitto_countersign.so"
  "COUNTERSIGN_CLI=${CMAKE_BINARY_DIR}/client/cli/countersign"
  "COUNTERSIGN_PRELOAD=${COUNTERSIGN_PRELOAD}"
  "COUNTERSIGN_BUILD_DIR=${CMAKE_BINARY_DIR}"
  "COUNTERSIGN_FLASH_TOOL=${CMAKE_BINARY_DIR}/mcu-client/tools/countersign-flash"
  "COUNTERSIGN_CARD_BRIDGE=${CMAKE_SOURCE_DIR}/smartcard-applet/target/countersign-card-bridge.jar"
  "PYTHONPATH=${countersign_tests_dir}/support"
  "PYTHONDONTWRITEBYTECODE=1"
  "ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1:abort_on_error=0"
  "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1")

# A command that must exit 0.
function(countersign_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LABELS;COMMAND")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()
