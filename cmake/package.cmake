# The installed package: find_package(countersign) gives countersign::protocol, countersign::openssl and countersign::client.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/countersign)

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/countersignConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/countersignConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/countersignConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(EXPORT countersign NAMESPACE countersign:: FILE countersignTargets.cmake DESTINATION ${package_dir})
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/countersignConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/countersignConfigVersion.cmake
  DESTINATION ${package_dir})
