# cpack -G DEB makes one package: the program, its data, its manual, and the library with its headers.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mxident)
set(CPACK_PACKAGE_CONTACT "mxident maintainers <maintainers@mxident.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Only building against the static library needs them.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libssl-dev, libidn2-dev, pkg-config")
include(CPack)
