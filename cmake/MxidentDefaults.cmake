# Language level, warnings, hardening and sanitizers for every target of this project.
# Usage: mxident_defaults(TARGET [TEST])
# TEST: a test's own sources, which are run once: they are not optimized, what they test is.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# A build links a hundred programs: gold, which comes with Debian's binutils, takes 0.7 s of CPU for a test where ld takes 1.8.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=gold MXIDENT_GOLD)

function(mxident_defaults target)
  cmake_parse_arguments(arg "TEST" "" "" ${ARGN})
  if(arg_TEST)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
  endif()
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    -fPIC  # a static library may be put into a shared one
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -fstack-protector-strong
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # GCC 12 at -O3 sees an overlap in "literal" + std::string (GCC bug 105651)
    $<$<BOOL:${MXIDENT_WARNINGS_AS_ERRORS}>:-Werror>)
  if(MXIDENT_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The compiler looks for garbage less often: a tenth of the time of a large unit, for 150 MB.
    target_compile_options(${target} PRIVATE --param=ggc-min-expand=200 --param=ggc-min-heapsize=262144)
  endif()
  if(MXIDENT_GOLD AND NOT MXIDENT_SANITIZE)
    target_link_options(${target} PRIVATE -fuse-ld=gold)
  endif()
  target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
  if(NOT arg_TEST)
    target_compile_definitions(${target} PRIVATE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
  endif()
  if(MXIDENT_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MXIDENT_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${MXIDENT_SANITIZE})
    if(MXIDENT_SANITIZE MATCHES undefined)
      # Clang 14 cannot place the function check's type data in front of the parts of a coroutine.
      target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined
        $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
    endif()
  endif()
endfunction()
