# find_package(mxident) brings it:
#
#   mxident_add_conformance_tests(NAME name
#     MANIFEST file | TARGET target [POLICY policy] [ARGS arg...]
#     [MODES mode...] [SCENARIOS pattern...] [SCENARIO_DIRS dir...] [BASELINE file] [GROUP_BY section|rule|mode|scenario]
#     [TEST_PREFIX prefix] [TEST_SUFFIX suffix] [TEST_LIST variable] [TEST_FILTER pattern...] [EXTRA_ARGS arg...]
#     [WORKING_DIRECTORY dir] [OUTPUT_DIR dir] [DISCOVERY_MODE PRE_TEST|POST_BUILD] [DISCOVERY_TIMEOUT seconds]
#     [PROPERTIES name value...] [ALLOW_EMPTY])
#
# Tests of the mail client that a manifest describes, by the words of gtest_discover_tests(). One test a rule section
# ("name.rfc9525.6.3"), found anew when ctest starts and the manifest, the baseline or mxident has changed since.
#
#   MANIFEST     how the client is run (docs/clients.md). Beside TARGET, generator expressions in it are filled in, and
#                what is run is the copy in OUTPUT_DIR.
#   TARGET       an executable of this project. Without MANIFEST it is run with ARGS, in which placeholders such as
#                {mx_host} stand, gets the message on standard input, and claims POLICY (rfc9525).
#   MODES        only these modes of the manifest.
#   SCENARIOS    only scenarios of these ids, folders or patterns; SCENARIO_DIRS: in place of the shipped ones.
#   BASELINE     known deviations; without it every deviation fails.
#   GROUP_BY     what one test has in common.
#   TEST_PREFIX  in place of "name."; TEST_LIST: variable for the list of tests, name_TESTS by default.
#   TEST_FILTER  only tests whose id (without prefix) matches one of these patterns (*, ?).
#   EXTRA_ARGS   further arguments of "mxident run".
#   OUTPUT_DIR   where each test leaves a folder with its results; ctest attaches them where a test fails. It and
#                WORKING_DIRECTORY begin at the build folder, other paths at the source folder.
#   PROPERTIES   of all tests. LABELS are added to "mxident", "mxident:name", the test's document and its section.
#                SKIP_RETURN_CODE is 77 already: a test is skipped where its client is not installed or no sandbox is
#                granted.
#   ALLOW_EMPTY  no test at all is no fault.
include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

set(_mxident_discovery_script ${CMAKE_CURRENT_LIST_DIR}/mxidentDiscoverTests.cmake)

include(${CMAKE_CURRENT_LIST_DIR}/mxidentQuoted.cmake)

# KEYWORD and its values, for the call in a generated file; nothing if there are none.
function(_mxident_append_argument text keyword)
  if(ARGC EQUAL 2)
    return()
  endif()
  set(line "\n  ${keyword}")
  math(EXPR last "${ARGC} - 1")
  foreach(i RANGE 2 ${last})
    _mxident_quoted(value "${ARGV${i}}")
    string(APPEND line " ${value}")
  endforeach()
  set(${text} "${${text}}${line}" PARENT_SCOPE)
endfunction()

# The string as JSON writes it.
function(_mxident_json_string out value)
  string(REPLACE "\\" "\\\\" value "${value}")
  string(REPLACE "\"" "\\\"" value "${value}")
  string(REPLACE "\n" "\\n" value "${value}")
  string(REPLACE "\t" "\\t" value "${value}")
  set(${out} "\"${value}\"" PARENT_SCOPE)
endfunction()

# A manifest for a program of which nothing is known but how it is called.
function(_mxident_write_manifest file name target policy)
  get_target_property(emulator ${target} CROSSCOMPILING_EMULATOR)
  set(words "")
  if(emulator)
    set(words ${emulator})
  endif()
  list(APPEND words "$<TARGET_FILE:${target}>")
  set(command "")
  foreach(word IN LISTS words ARGN)
    _mxident_json_string(word "${word}")
    string(APPEND command ", ${word}")
  endforeach()
  string(SUBSTRING "${command}" 2 -1 command)
  _mxident_json_string(title "${target}")
  if(NOT policy MATCHES "^{")
    _mxident_json_string(policy "${policy}")
  endif()
  file(GENERATE OUTPUT ${file} CONTENT
"{
  \"id\": \"${name}\",
  \"title\": ${title},
  \"defaults\": {\"needs\": [\"names\", \"port-25\"], \"stdin\": \"{message}\"},
  \"modes\": [{\"id\": \"${name}\", \"policy\": ${policy}, \"command\": [${command}]}]
}
")
endfunction()

function(mxident_add_conformance_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALLOW_EMPTY"
    "NAME;MANIFEST;TARGET;POLICY;BASELINE;GROUP_BY;TEST_PREFIX;TEST_SUFFIX;TEST_LIST;WORKING_DIRECTORY;OUTPUT_DIR;DISCOVERY_MODE;DISCOVERY_TIMEOUT"
    "ARGS;MODES;SCENARIOS;SCENARIO_DIRS;TEST_FILTER;EXTRA_ARGS;PROPERTIES")
  set(me "mxident_add_conformance_tests")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${me}: found \"${arg_UNPARSED_ARGUMENTS}\", which is no argument of it")
  endif()
  if(NOT arg_NAME MATCHES "^[A-Za-z0-9][A-Za-z0-9._-]*$")
    message(FATAL_ERROR "${me}: NAME: found \"${arg_NAME}\", wanted letters, digits, \".\", \"_\" and \"-\"")
  endif()
  if(NOT arg_MANIFEST AND NOT arg_TARGET)
    message(FATAL_ERROR "${me}: ${arg_NAME}: wanted MANIFEST or TARGET")
  endif()
  if(arg_TARGET AND NOT TARGET ${arg_TARGET})
    message(FATAL_ERROR "${me}: ${arg_NAME}: TARGET: there is no target \"${arg_TARGET}\"")
  endif()
  if((DEFINED arg_POLICY OR DEFINED arg_ARGS) AND arg_MANIFEST)
    message(FATAL_ERROR "${me}: ${arg_NAME}: POLICY and ARGS are for a TARGET without MANIFEST, which has its own")
  endif()
  get_property(known DIRECTORY PROPERTY _mxident_names)
  if(arg_NAME IN_LIST known)
    message(FATAL_ERROR "${me}: NAME: \"${arg_NAME}\" is there already")
  endif()
  set_property(DIRECTORY APPEND PROPERTY _mxident_names ${arg_NAME})

  foreach(default "POLICY rfc9525" "GROUP_BY section" "DISCOVERY_TIMEOUT 5" "TEST_PREFIX ${arg_NAME}."
                  "TEST_LIST ${arg_NAME}_TESTS" "WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}"
                  "OUTPUT_DIR ${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}-conformance")
    string(REGEX MATCH "^([A-Z_]+) (.*)$" unused "${default}")
    if(NOT DEFINED arg_${CMAKE_MATCH_1})
      set(arg_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
    endif()
  endforeach()
  if(NOT arg_DISCOVERY_MODE)
    set(arg_DISCOVERY_MODE PRE_TEST)
    if(CMAKE_MXIDENT_DISCOVER_TESTS_DISCOVERY_MODE)
      set(arg_DISCOVERY_MODE ${CMAKE_MXIDENT_DISCOVER_TESTS_DISCOVERY_MODE})
    endif()
  endif()
  if(NOT arg_DISCOVERY_MODE MATCHES "^(PRE_TEST|POST_BUILD)$")
    message(FATAL_ERROR "${me}: ${arg_NAME}: DISCOVERY_MODE: found \"${arg_DISCOVERY_MODE}\", wanted PRE_TEST or POST_BUILD")
  endif()
  foreach(path MANIFEST BASELINE)
    if(arg_${path} AND NOT (path STREQUAL "BASELINE" AND arg_${path} STREQUAL "none"))
      get_filename_component(arg_${path} "${arg_${path}}" ABSOLUTE)
    endif()
  endforeach()
  foreach(path WORKING_DIRECTORY OUTPUT_DIR)  # what is written does not belong to the sources
    get_filename_component(arg_${path} "${arg_${path}}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  endforeach()
  set(directories "")
  foreach(directory IN LISTS arg_SCENARIO_DIRS)
    get_filename_component(directory "${directory}" ABSOLUTE)
    list(APPEND directories "${directory}")
  endforeach()

  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  set(here ${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME})
  set(of_config "")
  if(multi_config)
    set(of_config "-$<CONFIG>")
  endif()
  set(manifest ${arg_MANIFEST})
  if(arg_TARGET)
    set(manifest ${here}${of_config}.client.json)
    if(arg_MANIFEST)
      file(GENERATE OUTPUT ${manifest} INPUT ${arg_MANIFEST} TARGET ${arg_TARGET})
    else()
      _mxident_write_manifest(${manifest} ${arg_NAME} ${arg_TARGET} "${arg_POLICY}" ${arg_ARGS})
    endif()
  endif()
  set(clients ${manifest})
  if(arg_MODES)
    set(clients ${arg_MODES})
    list(TRANSFORM clients PREPEND "${manifest}:")
  endif()
  set(inputs ${manifest} "$<TARGET_FILE:mxident::cli>" ${_mxident_discovery_script})
  if(arg_BASELINE AND NOT arg_BASELINE STREQUAL "none")
    list(APPEND inputs ${arg_BASELINE})
  endif()

  set(tests_file "${here}${of_config}_tests.cmake")
  set(call "mxident_discover_tests(")
  _mxident_append_argument(call NAME "${arg_NAME}")
  _mxident_append_argument(call PROGRAM "$<TARGET_FILE:mxident::cli>")
  _mxident_append_argument(call CMAKE "${CMAKE_COMMAND}")
  _mxident_append_argument(call MODE "${arg_DISCOVERY_MODE}")
  _mxident_append_argument(call TESTS_FILE "${tests_file}")
  _mxident_append_argument(call CLIENTS ${clients})
  _mxident_append_argument(call SCENARIOS ${arg_SCENARIOS})
  _mxident_append_argument(call SCENARIO_DIRS ${directories})
  _mxident_append_argument(call BASELINE ${arg_BASELINE})
  _mxident_append_argument(call GROUP_BY ${arg_GROUP_BY})
  _mxident_append_argument(call PREFIX "${arg_TEST_PREFIX}")
  _mxident_append_argument(call SUFFIX "${arg_TEST_SUFFIX}")
  _mxident_append_argument(call LIST "${arg_TEST_LIST}")
  _mxident_append_argument(call FILTER ${arg_TEST_FILTER})
  _mxident_append_argument(call EXTRA_ARGS ${arg_EXTRA_ARGS})
  _mxident_append_argument(call WORKING_DIRECTORY "${arg_WORKING_DIRECTORY}")
  _mxident_append_argument(call OUTPUT_DIR "${arg_OUTPUT_DIR}")
  _mxident_append_argument(call DISCOVERY_TIMEOUT "${arg_DISCOVERY_TIMEOUT}")
  _mxident_append_argument(call PROPERTIES ${arg_PROPERTIES})
  if(arg_ALLOW_EMPTY)
    string(APPEND call "\n  ALLOW_EMPTY")
  endif()
  string(APPEND call ")\n")
  set(discovery "include(\"${_mxident_discovery_script}\")\n${call}")

  set(include_file "${here}${of_config}_include.cmake")
  set(not_built "  add_test(${arg_NAME}_NOT_BUILT ${arg_NAME}_NOT_BUILT)\n")
  if(arg_DISCOVERY_MODE STREQUAL "POST_BUILD")
    file(GENERATE OUTPUT ${here}${of_config}_discover.cmake CONTENT "${discovery}")
    set(command COMMAND ${CMAKE_COMMAND} -P ${here}${of_config}_discover.cmake VERBATIM)
    if(arg_TARGET)
      add_custom_command(TARGET ${arg_TARGET} POST_BUILD BYPRODUCTS "${tests_file}" ${command})
    else()
      add_custom_target(${arg_NAME}_discovery ALL ${command})
    endif()
    file(GENERATE OUTPUT ${include_file} CONTENT
      "if(EXISTS \"${tests_file}\")\n  include(\"${tests_file}\")\nelse()\n${not_built}endif()\n")
  else()
    # What failed is asked again, for its cause need not be one of the files. Scenarios of their own may change without a
    # trace in their folder's time.
    set(condition "NOT EXISTS \"${tests_file}\" OR EXISTS \"${tests_file}.fault\"\n   OR \"\${CMAKE_CURRENT_LIST_FILE}\" IS_NEWER_THAN \"${tests_file}\"")
    if(directories)
      set(condition "TRUE")
    endif()
    foreach(input IN LISTS inputs)
      string(APPEND condition "\n   OR \"${input}\" IS_NEWER_THAN \"${tests_file}\"")
    endforeach()
    set(text "if(${condition})\n${discovery}endif()\ninclude(\"${tests_file}\")\n")
    if(arg_TARGET)
      set(text "if(EXISTS \"$<TARGET_FILE:${arg_TARGET}>\")\n${text}else()\n${not_built}endif()\n")
    endif()
    file(GENERATE OUTPUT ${include_file} CONTENT "${text}")
  endif()

  if(multi_config)
    file(WRITE ${here}_include.cmake
"if(EXISTS \"${here}-\${CTEST_CONFIGURATION_TYPE}_include.cmake\")
  include(\"${here}-\${CTEST_CONFIGURATION_TYPE}_include.cmake\")
else()
${not_built}endif()
")
  endif()
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${here}_include.cmake")
endfunction()

cmake_policy(POP)
