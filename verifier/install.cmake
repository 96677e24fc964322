# What a consumer of the library gets: find_package(mxident) gives mxident::verifier, pkg-config knows mxident.
option(MXIDENT_INSTALL "Install what was built" ${PROJECT_IS_TOP_LEVEL})
if(NOT MXIDENT_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

set_target_properties(mxident_verifier PROPERTIES EXPORT_NAME verifier)
target_include_directories(mxident_verifier PUBLIC $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# The other headers are internal to the verifier and may change at any time.
install(FILES
  ${PROJECT_SOURCE_DIR}/verifier/apply.hpp
  ${PROJECT_SOURCE_DIR}/verifier/certificate_facts.hpp
  ${PROJECT_SOURCE_DIR}/verifier/chain.hpp
  ${PROJECT_SOURCE_DIR}/verifier/dane.hpp
  ${PROJECT_SOURCE_DIR}/verifier/match.hpp
  ${PROJECT_SOURCE_DIR}/verifier/policy.hpp
  ${PROJECT_SOURCE_DIR}/verifier/presented.hpp
  ${PROJECT_SOURCE_DIR}/verifier/reasons.def
  ${PROJECT_SOURCE_DIR}/verifier/reasons.hpp
  ${PROJECT_SOURCE_DIR}/verifier/reference.hpp
  ${PROJECT_SOURCE_DIR}/verifier/sts.hpp
  ${PROJECT_SOURCE_DIR}/verifier/verify.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mxident)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mxident)
install(TARGETS mxident_verifier EXPORT mxident ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT mxident NAMESPACE mxident:: FILE mxidentTargets.cmake DESTINATION ${config_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/mxidentConfig.cmake.in
  ${PROJECT_BINARY_DIR}/packaging/mxidentConfig.cmake INSTALL_DESTINATION ${config_dir}
  PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/packaging/mxidentConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/packaging/mxidentConfig.cmake
  ${PROJECT_BINARY_DIR}/packaging/mxidentConfigVersion.cmake
  DESTINATION ${config_dir})

# From the folder of mxident.pc to the prefix, so that the tree may be moved.
file(RELATIVE_PATH MXIDENT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" MXIDENT_PC_PREFIX "${MXIDENT_PC_PREFIX}")
configure_file(${PROJECT_SOURCE_DIR}/packaging/mxident.pc.in ${PROJECT_BINARY_DIR}/packaging/mxident.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/packaging/mxident.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/mxident RENAME copyright)

# The program's part needs targets of folders that are read after this one.
cmake_language(DEFER DIRECTORY ${PROJECT_SOURCE_DIR} CALL include ${PROJECT_SOURCE_DIR}/packaging/packaging.cmake)
