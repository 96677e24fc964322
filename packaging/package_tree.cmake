# What Debian asks of a package's tree and a plain installation has no use for. CPack runs it before it makes the package.
set(tree ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr)
set(documents ${tree}/share/doc/mxident)

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, where it is set
file(WRITE ${documents}/changelog
"mxident (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * /usr/share/doc/mxident/CHANGELOG.md says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(GLOB pages ${tree}/share/man/man*/*.[15])
execute_process(COMMAND gzip -9nf ${pages} ${documents}/changelog COMMAND_ERROR_IS_FATAL ANY)

# The licence is on every Debian system: a package points to it.
string(TIMESTAMP year "%Y" UTC)
file(WRITE ${documents}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: mxident
Source: ${CPACK_PACKAGE_HOMEPAGE_URL}

Files: *
Copyright: ${year} mxident maintainers
License: Apache-2.0
 On Debian systems the text of the licence is in
 /usr/share/common-licenses/Apache-2.0
")
file(MAKE_DIRECTORY ${tree}/share/lintian/overrides)
file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/lintian-overrides ${tree}/share/lintian/overrides/mxident)

# CPACK_DEBIAN_PACKAGE_SHLIBDEPS would ask file(1) about each of more than a thousand scenarios first, for a minute.
set(place ${CPACK_TOPLEVEL_DIRECTORY}/shlibdeps)
file(WRITE ${place}/debian/control "Source: mxident\n\nPackage: mxident\nArchitecture: any\n")
execute_process(COMMAND dpkg-shlibdeps -O ${tree}/bin/mxident WORKING_DIRECTORY ${place} OUTPUT_VARIABLE found
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "^shlibs:Depends=|\n" "" CPACK_DEBIAN_PACKAGE_DEPENDS "${found}")
