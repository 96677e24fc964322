# mxident_add_test(NAME LABEL unit|mock|scenario|client|fuzz|install|layering SOURCES ... LIBRARIES ... [PREFIX TEXT] [TOGETHER])
# One GoogleTest program; every row of its tables becomes a ctest case of its own.
# TOGETHER: its sources share no name, so that they can be one unit (MxidentRoom.cmake).
# Exit code 77 is a skip with a reason (a client that is not installed, a namespace that is refused).
find_package(GTest REQUIRED)
include(GoogleTest)

# GoogleTest's header, read once for all tests: 0.9 s instead of 2.8 s user time in each of them. Nothing else is in it, for
# every megabyte costs each of its users page faults.
if(MXIDENT_UNITY)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/googletest_header.cpp CONTENT "// Carries the precompiled header.\n")
  add_library(mxident_googletest_header OBJECT ${PROJECT_BINARY_DIR}/googletest_header.cpp)
  mxident_defaults(mxident_googletest_header TEST)
  target_link_libraries(mxident_googletest_header PRIVATE GTest::gtest)
  target_precompile_headers(mxident_googletest_header PRIVATE <gtest/gtest.h>)
endif()

function(mxident_add_test name)
  cmake_parse_arguments(arg "TOGETHER" "LABEL;PREFIX;TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  mxident_defaults(${name} TEST)
  if(MXIDENT_UNITY)
    target_precompile_headers(${name} REUSE_FROM mxident_googletest_header)
  endif()
  if(arg_TOGETHER)
    mxident_unity(${name})
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  # Only for sources that name a folder: the others are the same object in every clone, which ccache makes use of.
  foreach(source IN LISTS arg_SOURCES)
    file(STRINGS ${source} uses REGEX "MXIDENT_(SOURCE|BINARY)_DIR" LIMIT_COUNT 1)
    if(uses AND arg_TOGETHER)  # a source with definitions of its own would stay out of the unit
      target_compile_definitions(${name} PRIVATE
        MXIDENT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" MXIDENT_BINARY_DIR="${PROJECT_BINARY_DIR}")
    elseif(uses)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS
        MXIDENT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" MXIDENT_BINARY_DIR="${PROJECT_BINARY_DIR}")
    endif()
  endforeach()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${arg_PREFIX}" DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()

add_library(mxident_fuzz_smoke STATIC ${PROJECT_SOURCE_DIR}/cmake/fuzz_smoke_main.cpp)
mxident_defaults(mxident_fuzz_smoke TEST)

# mxident_add_fuzzer(NAME SOURCES ... LIBRARIES ...)
# With MXIDENT_FUZZ a libFuzzer program; else the same entry point behind a driver that replays the seed corpus and
# a bounded number of mutations, so that every build has a smoke test of every target.
function(mxident_add_fuzzer name)
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  mxident_defaults(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  set(corpus ${PROJECT_SOURCE_DIR}/fixtures/fuzz/${name})
  if(arg_CORPUS)
    set(corpus ${PROJECT_SOURCE_DIR}/${arg_CORPUS})
  endif()
  if(MXIDENT_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${name} -runs=20000 -max_total_time=20 -timeout=5 -rss_limit_mb=512 ${corpus})
  else()
    target_link_libraries(${name} PRIVATE mxident_fuzz_smoke)
    add_test(NAME fuzz.${name} COMMAND ${name} ${corpus})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()
