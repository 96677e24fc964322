# Debian 12 packages that the mocks and the harness use; scripts/setup installs them.
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LDNS REQUIRED IMPORTED_TARGET ldns)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)

# What has been compiled once is not compiled again. The precompiled header of the tests needs the two liberties: it has no
# use for __TIME__, and all that define it are compiled alike.
find_program(MXIDENT_CCACHE ccache)
mark_as_advanced(MXIDENT_CCACHE)
if(MXIDENT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER /usr/bin/env CCACHE_SLOPPINESS=pch_defines,time_macros ${MXIDENT_CCACHE})
endif()

# Everywhere alike, so that a target does not read them differently from its library.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY FMT_SHARED)

# Asio and Beast headers: third-party code, so its warnings are not ours.
add_library(mxident_asio INTERFACE)
target_link_libraries(mxident_asio INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
