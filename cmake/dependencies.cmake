# Third-party packages, each found once, as imported targets. Why each is worth it: docs/decisions/.
#
#   OpenSSL::Crypto · SQLite::SQLite3 · tomlplusplus::tomlplusplus · nlohmann_json::nlohmann_json · Eigen3::Eigen · CLI11::CLI11 · spdlog::spdlog
#   PahoMqttCpp::paho-mqttpp3 · countersign::pcsclite · countersign::httplib · countersign::mosquitto_headers · Threads::Threads
#   GTest::gtest_main · GTest::gmock · benchmark::benchmark

if(COUNTERSIGN_BUILD_OPENSSL)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
endif()

if(COUNTERSIGN_BUILD_PLUGIN OR COUNTERSIGN_BUILD_CLIENT)
  find_package(Threads REQUIRED)
  find_package(SQLite3 3.35 REQUIRED)
  find_package(tomlplusplus 3.3 REQUIRED)
  find_package(nlohmann_json 3.11 REQUIRED)
  find_package(spdlog 1.10 REQUIRED)

  find_package(Eigen3 3.4 REQUIRED NO_MODULE)

  # the plugin's headers: the broker itself supplies the symbols when it loads us
  find_path(MOSQUITTO_INCLUDE_DIR NAMES mosquitto_broker.h REQUIRED)
  add_library(countersign_mosquitto_headers INTERFACE IMPORTED)
  add_library(countersign::mosquitto_headers ALIAS countersign_mosquitto_headers)
  target_include_directories(countersign_mosquitto_headers INTERFACE ${MOSQUITTO_INCLUDE_DIR})
endif()

if(COUNTERSIGN_BUILD_CLIENT)
  find_package(PkgConfig REQUIRED)
  find_package(CLI11 2.1 REQUIRED)
  find_package(PahoMqttCpp 1.2 REQUIRED)
  pkg_check_modules(pcsclite REQUIRED IMPORTED_TARGET GLOBAL libpcsclite)
  add_library(countersign::pcsclite ALIAS PkgConfig::pcsclite)
endif()

if(COUNTERSIGN_BUILD_REGISTRAR)
  pkg_check_modules(httplib REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib>=0.11)
  add_library(countersign::httplib ALIAS PkgConfig::httplib)
endif()

if(COUNTERSIGN_BUILD_TESTS)
  find_package(GTest 1.12 REQUIRED)
endif()

if(COUNTERSIGN_BUILD_BENCH)
  find_package(benchmark 1.7 REQUIRED)
endif()
