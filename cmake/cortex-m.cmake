# The cross toolchain for Cortex-M: the freestanding core alone, and the firmware. COUNTERSIGN_CPU is the core to compile for.

set(COUNTERSIGN_CPU cortex-m3 CACHE STRING "What -mcpu says")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES COUNTERSIGN_CPU)

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${COUNTERSIGN_CPU})
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_INIT "-mcpu=${COUNTERSIGN_CPU} -mthumb -mfloat-abi=soft -ffunction-sections -fdata-sections")
endforeach()
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
