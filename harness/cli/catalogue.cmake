# list, explain and mint. data_dirs() comes from the program.
add_library(mxident_cli_catalogue STATIC catalogue.cpp coverage.cpp explain_command.cpp list_command.cpp mint_command.cpp)
mxident_defaults(mxident_cli_catalogue)
target_include_directories(mxident_cli_catalogue PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(mxident_cli_catalogue
  PUBLIC mxident_client mxident_scenario
  PRIVATE mxident_certs mxident_oracle CLI11::CLI11 fmt::fmt nlohmann_json::nlohmann_json)

mxident_add_test(mxident_cli_catalogue_test LABEL unit
  SOURCES catalogue_test.cpp coverage_test.cpp data_dirs.cpp
  LIBRARIES mxident_cli_catalogue)
