# The secure side of a part with TrustZone, and what links against it. Its gates are in gates.o, which every non-secure image
# takes in. docs/mcu.md, section on TrustZone.

set(secure ${CMAKE_CURRENT_LIST_DIR})
set(gates ${CMAKE_CURRENT_BINARY_DIR}/gates.o)

add_executable(secure
  ${secure}/board_secure.cpp
  ${secure}/boundary.cpp
  ${secure}/gate.cpp
  ${secure}/gate_desk.cpp
  ${secure}/main_secure.cpp
  ${secure}/startup_secure.cpp
  board_mark.cpp
  mote_keys.cpp
  psram_flash.cpp
)
# link-time optimisation loses the names of gates, and what assembler lines name
set_source_files_properties(${secure}/gate.cpp ${secure}/startup_secure.cpp PROPERTIES COMPILE_OPTIONS -fno-lto)
target_compile_features(secure PRIVATE cxx_std_20)
target_compile_options(secure PRIVATE -mcmse)
target_include_directories(secure PRIVATE . ${CMAKE_SOURCE_DIR}/mcu-client)
target_link_libraries(secure PRIVATE
  countersign_mcu_psa countersign::mcu mbedtls countersign::protocol countersign_bare countersign_warnings)
target_link_options(secure PRIVATE
  -mcmse -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--fatal-warnings -T ${secure}/secure.ld
  -Wl,--cmse-implib -Wl,--out-implib=${gates} -Wl,-Map=${CMAKE_CURRENT_BINARY_DIR}/secure.map)
set_target_properties(secure PROPERTIES
  SUFFIX .elf LINKER_LANGUAGE C RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} LINK_DEPENDS ${secure}/secure.ld)

# An image of the non-secure side: NAME.elf, and NAME.bin as it is loaded beside the secure one.
function(countersign_open_image name)
  countersign_image(${name} ${ARGN} ${secure}/secure_vault.cpp)
  target_link_options(${name} PRIVATE ${gates})
  add_dependencies(${name} secure)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS $<TARGET_FILE:secure>)
  add_custom_command(TARGET ${name} POST_BUILD VERBATIM
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${name}> ${CMAKE_BINARY_DIR}/${name}.bin)
endfunction()

countersign_open_image(firmware main_two_worlds.cpp secure_keys.cpp)
countersign_open_image(trial ${secure}/main_trial.cpp)
