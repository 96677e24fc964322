# How a folder becomes a library, and how a build is kept short (docs/building.md has the figures).
#
# Most of a build is reading the same headers again (Asio 6 s an object, JSON 3 s, GoogleTest 2 s). With MXIDENT_UNITY the
# sources of a room go to the compiler sixteen at a time, and GoogleTest's header is precompiled. A source still includes
# what it uses: the dev preset builds each by itself. The layering test finds names of unnamed namespaces that would clash.
option(MXIDENT_UNITY "Compile the sources of a room several at a time" OFF)

# mxident_unity(TARGET [SEPARATE SOURCE...])     SEPARATE: sources that cannot share a batch, each for a reason said there.
function(mxident_unity target)
  cmake_parse_arguments(arg "" "" "SEPARATE" ${ARGN})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${MXIDENT_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  if(MXIDENT_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # to the compiler every source is a header of the unit
  endif()
  if(arg_SEPARATE)
    set_source_files_properties(${arg_SEPARATE} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# mxident_room(NAME SOURCES ... [SEPARATE ...] [PUBLIC ...] [PRIVATE ...])
# The static library of one folder. What it links is what it may include (cmake/layering_test.py has the table).
function(mxident_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;SEPARATE;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  mxident_defaults(${name})
  mxident_unity(${name} SEPARATE ${arg_SEPARATE})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()
