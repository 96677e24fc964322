# cpack -G DEB makes one package: the program, its data, its manual, and the library with its headers.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mxident)
set(CPACK_PACKAGE_CONTACT "mxident maintainers <maintainers@mxident.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Shows which server names an SMTP client really checks when it speaks TLS, and
whether it checks them rightly: it mints odd certificates, runs mail, name and
policy servers around them inside a sandbox without a network, drives clients
through that world and judges what they do on the wire. Its own verifier
answers the same questions for certificates in files and for live servers.")
# Clients to be tried; and only building against the static library needs the others.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "curl, gnutls-bin, msmtp, openssl, swaks, libssl-dev, libidn2-dev, pkg-config")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/package_tree.cmake)
include(CPack)
