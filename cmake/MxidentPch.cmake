# Precompiled headers: most of a build was reading the same headers again (docs/building.md has the figures).
# Four of them, each made once and shared by all targets that are compiled in the same way:
#   core  std, OpenSSL, fmt, JSON       asio       the same and Asio
#   test  the same and GoogleTest       test-asio  all of it
# A source still includes what it uses: -DMXIDENT_PCH=OFF builds without, and the dev preset does so.
option(MXIDENT_PCH "Share precompiled headers between targets" OFF)

# Also where they are not needed: a precompiled header wants the same definitions everywhere.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY FMT_SHARED)

set(core <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <vector>
         <fmt/format.h> <nlohmann/json.hpp> <openssl/x509v3.h>)
set(asio <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/io_context.hpp>
         <boost/asio/ip/tcp.hpp> <boost/asio/ip/udp.hpp> <boost/asio/steady_timer.hpp> <boost/asio/strand.hpp>
         <boost/asio/use_awaitable.hpp> <boost/asio/as_tuple.hpp> <boost/asio/write.hpp> <boost/asio/post.hpp>)
set(test <gtest/gtest.h> <gmock/gmock.h>)

function(mxident_make_pch kind)
  if(NOT MXIDENT_PCH)
    return()
  endif()
  set(source ${PROJECT_BINARY_DIR}/pch/${kind}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries the precompiled header ${kind}.\n")
  add_library(mxident_pch_${kind} OBJECT ${source})
  target_link_libraries(mxident_pch_${kind} PRIVATE Boost::headers OpenSSL::Crypto fmt::fmt nlohmann_json::nlohmann_json)
  if(kind MATCHES "^test")
    mxident_defaults(mxident_pch_${kind} TEST)
  else()
    mxident_defaults(mxident_pch_${kind})
  endif()
  target_precompile_headers(mxident_pch_${kind} PRIVATE ${ARGN})
endfunction()

mxident_make_pch(core ${core})
mxident_make_pch(asio ${core} ${asio})
mxident_make_pch(test ${core} ${test})
mxident_make_pch(test-asio ${core} ${asio} ${test})

# mxident_use_pch(TARGET core|asio|test|test-asio)
function(mxident_use_pch target kind)
  if(MXIDENT_PCH)
    target_precompile_headers(${target} REUSE_FROM mxident_pch_${kind})
  endif()
endfunction()
