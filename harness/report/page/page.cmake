# The page of the report as one piece of C++: the modules of its script one behind the other, without their imports.
# No bundler: small modules with nothing to resolve.
set(modules data dom filter state groups certificate sequence details grid drawer views print main)
set(script "")
foreach(module IN LISTS modules)
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/page/${module}.js text)
  string(REGEX REPLACE "import [^\n]*\n" "" text "${text}")
  string(REPLACE "\nexport " "\n" text "${text}")
  string(APPEND script "${text}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/page/${module}.js)
endforeach()
file(READ ${CMAKE_CURRENT_SOURCE_DIR}/page/page.css style)
file(READ ${CMAKE_CURRENT_SOURCE_DIR}/page/page.html page)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_SOURCE_DIR}/page/page.css ${CMAKE_CURRENT_SOURCE_DIR}/page/page.html)
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/page.txt "${page}")
file(SIZE ${CMAKE_CURRENT_BINARY_DIR}/page.txt size)
if(size LESS 30000)
  message(FATAL_ERROR "the page of the report is ${size} octets, wanted its style and all its modules")
endif()
file(READ ${CMAKE_CURRENT_BINARY_DIR}/page.txt page)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/page.cpp @ONLY CONTENT
"#include \"harness/report/html.hpp\"

namespace mxident::harness {

std::string_view report_page() {
  return R\"mxident_page(@page@)mxident_page\";
}

}  // namespace mxident::harness
")
