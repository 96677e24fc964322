# The program, its data and its manual; packages; and the tests of all that. Read last, in the top directory.
if(MXIDENT_DEV_MODE)
  install(TARGETS mxident RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
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
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${documents}/docs FILES_MATCHING PATTERN "*.md" PATTERN "*.png" PATTERN man EXCLUDE)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/fixtures/baselines/ DESTINATION ${data}/baselines OPTIONAL)

  find_program(MXIDENT_SCDOC scdoc)
  if(MXIDENT_SCDOC)
    set(manual ${PROJECT_BINARY_DIR}/packaging/mxident.1)
    set(manual_source ${PROJECT_SOURCE_DIR}/docs/man/mxident.1.scd)
    add_custom_command(OUTPUT ${manual} COMMAND ${MXIDENT_SCDOC} < ${manual_source} > ${manual}
                       DEPENDS ${manual_source} VERBATIM)
    add_custom_target(mxident_manual ALL DEPENDS ${manual})
    install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  else()
    message(STATUS "scdoc was not found: no manual page")
  endif()
endif()

include(${PROJECT_SOURCE_DIR}/packaging/CPack.cmake)

if(MXIDENT_DEV_MODE)
  set(test_tool ${PROJECT_SOURCE_DIR}/packaging/install_test.sh)
  foreach(what library program deb)
    add_test(NAME install.${what} COMMAND ${test_tool} ${what} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(install.${what} PROPERTIES LABELS install TIMEOUT 300 SKIP_RETURN_CODE 77
      ENVIRONMENT "CMAKE=${CMAKE_COMMAND};CPACK=${CMAKE_CPACK_COMMAND};CXX=${CMAKE_CXX_COMPILER};LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER};SANITIZE=${MXIDENT_SANITIZE}")
  endforeach()
  add_test(NAME install.documents
    COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/packaging/documents_test.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  set_tests_properties(install.documents PROPERTIES LABELS install TIMEOUT 600 ENVIRONMENT "CMAKE=${CMAKE_COMMAND}")
  # All run the same build tool in the same folder.
  set_tests_properties(install.program install.deb install.documents PROPERTIES RESOURCE_LOCK build_folder)
endif()
