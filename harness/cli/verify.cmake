# verify: the only command that speaks to servers outside of the sandbox.
add_library(mxident_cli_verify STATIC
  ${PROJECT_SOURCE_DIR}/harness/cli/verify_command.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/verify_json.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/verify_options.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/verify_text.cpp)
mxident_defaults(mxident_cli_verify)
target_include_directories(mxident_cli_verify PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(mxident_cli_verify
  PUBLIC mxident_probe
  PRIVATE mxident_input mxident_policy_json mxident_report mxident_scenario CLI11::CLI11 fmt::fmt
          nlohmann_json::nlohmann_json)
mxident_add_test(mxident_cli_verify_test LABEL mock
  SOURCES ${PROJECT_SOURCE_DIR}/harness/cli/verify_test.cpp ${PROJECT_SOURCE_DIR}/harness/cli/verify_hostile_test.cpp
  LIBRARIES mxident_cli_verify mxident_input mxident_probe_test_support CLI11::CLI11 nlohmann_json::nlohmann_json)
