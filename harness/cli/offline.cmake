# The commands that need neither a network nor a sandbox: match, check, limbo.
add_library(mxident_cli_offline STATIC
  ${PROJECT_SOURCE_DIR}/harness/cli/batch_match.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/check_command.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/limbo.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/limbo_command.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/match_command.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/offline_check.cpp
  ${PROJECT_SOURCE_DIR}/harness/cli/pem_input.cpp)
mxident_defaults(mxident_cli_offline)
target_include_directories(mxident_cli_offline PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(mxident_cli_offline
  PUBLIC mxident_verifier
  PRIVATE mxident_certs mxident_input mxident_policy_json mxident_probe mxident_report mxident_scenario CLI11::CLI11 fmt::fmt)

mxident_add_fuzzer(batch_line_fuzz
  SOURCES ${PROJECT_SOURCE_DIR}/harness/cli/batch_line_fuzz.cpp
  LIBRARIES mxident_cli_offline)
mxident_add_test(mxident_cli_offline_test LABEL unit
  SOURCES ${PROJECT_SOURCE_DIR}/harness/cli/batch_match_test.cpp ${PROJECT_SOURCE_DIR}/harness/cli/offline_check_test.cpp
  LIBRARIES mxident_cli_offline mxident_certs mxident_input mxident_probe)
