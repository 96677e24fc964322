# The program, its data and its manual; packages; and the tests of all that. Read last, in the top directory.
if(MXIDENT_DEV_MODE)
  install(TARGETS mxident RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # mxident_add_conformance_tests() of find_package(mxident).
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/mxidentConformanceTests.cmake ${PROJECT_SOURCE_DIR}/cmake/mxidentDiscoverTests.cmake
                ${PROJECT_SOURCE_DIR}/cmake/mxidentQuoted.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mxident)
  # data_dirs() looks for them beside the program.
  set(data ${CMAKE_INSTALL_DATADIR}/mxident)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/scenarios/ DESTINATION ${data}/scenarios
          PATTERN CMakeLists.txt EXCLUDE PATTERN "*.py" EXCLUDE)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/harness/clients/ DESTINATION ${data}/clients USE_SOURCE_PERMISSIONS
          PATTERN __pycache__ EXCLUDE)
  set(documents ${CMAKE_INSTALL_DATADIR}/doc/mxident)
  install(FILES ${PROJECT_SOURCE_DIR}/docs/verify.schema.json DESTINATION ${documents})
  # In the folders of the source tree, so that they find each other.
  foreach(document README ARCHITECTURE CONTRIBUTING CHANGELOG SECURITY)
    install(FILES ${PROJECT_SOURCE_DIR}/${document}.md DESTINATION ${documents})
  endforeach()
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${documents}/docs FILES_MATCHING PATTERN "*.md" PATTERN "*.png"
          PATTERN man EXCLUDE PATTERN examples EXCLUDE)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/examples DESTINATION ${documents})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/packaging/spread DESTINATION ${documents}/examples USE_SOURCE_PERMISSIONS)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/fixtures/baselines/ DESTINATION ${data}/baselines OPTIONAL)

  # Manual and completion are made of what the program says of itself, so that they cannot differ from it.
  set(made ${PROJECT_BINARY_DIR}/packaging)
  set(python /usr/bin/python3 -I)
  find_program(MXIDENT_SCDOC scdoc)
  if(MXIDENT_SCDOC)
    file(GLOB schemas CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/schema/*.schema.json)
    add_custom_command(OUTPUT ${made}/manual.done
      COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/manual.py $<TARGET_FILE:mxident> ${PROJECT_SOURCE_DIR} ${MXIDENT_SCDOC} ${made}/man
      COMMAND ${CMAKE_COMMAND} -E touch ${made}/manual.done
      DEPENDS mxident ${PROJECT_SOURCE_DIR}/docs/man/mxident.1.scd ${schemas}
              ${PROJECT_SOURCE_DIR}/packaging/manual.py ${PROJECT_SOURCE_DIR}/packaging/help_text.py VERBATIM)
    add_custom_target(mxident_manual ALL DEPENDS ${made}/manual.done)
    install(DIRECTORY ${made}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR})
  else()
    message(STATUS "scdoc was not found: no manual pages")
  endif()
  add_custom_command(OUTPUT ${made}/completion/mxident.bash ${made}/completion/_mxident ${made}/completion/mxident.fish
    COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/completion.py $<TARGET_FILE:mxident> ${made}/completion
    DEPENDS mxident ${PROJECT_SOURCE_DIR}/packaging/completion.py ${PROJECT_SOURCE_DIR}/packaging/help_text.py VERBATIM)
  add_custom_target(mxident_completion ALL DEPENDS ${made}/completion/mxident.bash)
  install(FILES ${made}/completion/mxident.bash RENAME mxident DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${made}/completion/_mxident DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES ${made}/completion/mxident.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

include(${PROJECT_SOURCE_DIR}/packaging/CPack.cmake)

if(MXIDENT_DEV_MODE)
  set(test_tool ${PROJECT_SOURCE_DIR}/packaging/install_test.sh)
  foreach(what library program deb lintian)
    add_test(NAME install.${what} COMMAND ${test_tool} ${what} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(install.${what} PROPERTIES LABELS install TIMEOUT 300 SKIP_RETURN_CODE 77
      ENVIRONMENT "CMAKE=${CMAKE_COMMAND};CPACK=${CMAKE_CPACK_COMMAND};CXX=${CMAKE_CXX_COMPILER};LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER};SANITIZE=${MXIDENT_SANITIZE}")
  endforeach()
  set_tests_properties(install.deb PROPERTIES FIXTURES_SETUP package)
  set_tests_properties(install.lintian PROPERTIES FIXTURES_REQUIRED package)
  add_test(NAME install.documents
    COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/packaging/documents_test.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  set_tests_properties(install.documents PROPERTIES LABELS install TIMEOUT 600 ENVIRONMENT "CMAKE=${CMAKE_COMMAND}")
  # Another project's ctest.
  add_test(NAME install.vendor
    COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/packaging/vendor_test.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  set_tests_properties(install.vendor PROPERTIES LABELS install TIMEOUT 300 SKIP_RETURN_CODE 77
    ENVIRONMENT "CMAKE=${CMAKE_COMMAND};CTEST=${CMAKE_CTEST_COMMAND}")
  add_test(NAME install.completion
    COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/completion_test.py $<TARGET_FILE:mxident> ${made}/completion)
  add_test(NAME install.help COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/help_test.py $<TARGET_FILE:mxident>)
  add_test(NAME install.manual COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/manual_test.py $<TARGET_FILE:mxident> ${made}/man)
  add_test(NAME install.spread COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/spread_test.py ${PROJECT_SOURCE_DIR} $<TARGET_FILE:mxident>)
  add_test(NAME install.examples COMMAND ${python} ${PROJECT_SOURCE_DIR}/packaging/examples_test.py ${PROJECT_SOURCE_DIR} $<TARGET_FILE:mxident>)
  set_tests_properties(install.completion install.examples install.help install.manual install.spread PROPERTIES LABELS install TIMEOUT 300 SKIP_RETURN_CODE 77)
  # All run the same build tool in the same folder.
  set_tests_properties(install.program install.deb install.documents install.vendor PROPERTIES RESOURCE_LOCK build_folder)
endif()
