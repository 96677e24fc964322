#!/usr/bin/env bash
# Installs what was built into a temporary folder and uses it from there, as a stranger would.
# Usage: install_test.sh library|program|deb|lintian SOURCE_DIR BUILD_DIR     77: skipped
set -euo pipefail
what=$1 source=$2 build=$3
: "${CMAKE:=cmake}" "${CPACK:=cpack}" "${CXX:=c++}"
packages=$build/packaging/deb  # "deb" leaves the package there for "lintian"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "install test: $*" >&2; exit 1; }

# MXIDENT_DEV_MODE=OFF builds and installs the library and nothing else; two consumers are built against that tree.
library() {
  local launcher=()
  [ -z "${LAUNCHER:-}" ] || launcher=("-DCMAKE_CXX_COMPILER_LAUNCHER=$LAUNCHER")
  "$CMAKE" -S "$source" -B "$place/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_COMPILER=$CXX" "${launcher[@]}" \
           -DMXIDENT_DEV_MODE=OFF >"$place/configure.log" || { cat "$place/configure.log"; fail "configuring the library alone"; }
  "$CMAKE" --build "$place/build" >"$place/build.log" || { cat "$place/build.log"; fail "building the library alone"; }
  "$CMAKE" --install "$place/build" --prefix "$place/first" >/dev/null
  mv "$place/first" "$place/prefix"  # the tree may be moved
  [ ! -e "$place/prefix/bin" ] || fail "the library alone brought a program"

  echo "consumer by find_package"
  "$CMAKE" -S "$source/packaging/consumer" -B "$place/consumer" -G Ninja "-DCMAKE_CXX_COMPILER=$CXX" "${launcher[@]}" \
           "-DCMAKE_PREFIX_PATH=$place/prefix" >"$place/configure.log" || { cat "$place/configure.log"; fail "find_package"; }
  "$CMAKE" --build "$place/consumer"
  "$place/consumer/consumer"
  "$place/consumer/peer_test"
  if "$CMAKE" -S "$source/packaging/consumer" -B "$place/newer" -G Ninja "-DCMAKE_CXX_COMPILER=$CXX" \
              "-DCMAKE_PREFIX_PATH=$place/prefix" -DMXIDENT_WANTED=99.0 >/dev/null 2>&1; then
    fail "find_package took this version for 99.0"
  fi

  echo "consumer by pkg-config"
  local pc flags
  pc=$(find "$place/prefix" -name mxident.pc)
  read -ra flags <<<"$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs mxident)"
  "$CXX" -std=c++20 "$source/packaging/consumer/main.cpp" "${flags[@]}" -o "$place/by-pkg-config"
  "$place/by-pkg-config"
  # The README's example speaks to OpenSSL's SSL itself.
  read -ra flags <<<"$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs mxident libssl)"
  "$CXX" -std=c++20 "$source/packaging/consumer/peer.cpp" "$source/packaging/consumer/peer_test.cpp" "${flags[@]}" -o "$place/peer"
  "$place/peer"
}

# A program with its data beside it, somewhere: it runs, and knows no other place.
use_program() {
  local root=$1 program=$1/bin/mxident code=0
  "$program" --version
  "$program" match --policy rfc9525 --san 'dns:*.example.test' --reference mx1.example.test
  "$program" match --policy rfc9525 --san 'dns:*.example.test' --reference example.test || code=$?
  [ "$code" -eq 1 ] || fail "a mismatch gave exit code $code, wanted 1"

  # Other scenarios than in the source tree show whose data the program reads.
  find "$root/share/mxident/scenarios" -mindepth 1 -maxdepth 1 ! -name reported ! -name schema -exec rm -r {} +
  "$program" list scenarios >"$place/listed"
  grep -q '^reported/' "$place/listed" || fail "the shipped scenarios are not listed"
  ! grep -q '^rfc9525/' "$place/listed" || fail "scenarios of another tree are listed"
  [ -n "$(find "$root/share/mxident/scenarios/schema" -name '*.json')" ] || fail "the schema of scenarios is missing"
  [ -d "$root/share/mxident/clients/openssl-s_client" ] || fail "the clients' manifests are missing"
  [ -s "$root/share/doc/mxident/copyright" ] || fail "the licence is missing"
  [ -s "$root/share/doc/mxident/verify.schema.json" ] || fail "the schema of verify --json is missing"

  local case=reported/checktls-wildcard-of-another-domain
  "$program" mint "$case" --output "$place/minted" >/dev/null
  local ask=(check --chain "$place/minted/mx.pem" --ca "$place/minted/root.pem" --at 2026-01-01T00:00:00Z)
  "$program" "${ask[@]}" --mx mx1.xxxcn.test ||
    fail "the minted chain is refused for its name"
  code=0
  "$program" "${ask[@]}" --mx mx5.xxxmx.test || code=$?
  [ "$code" -eq 1 ] || fail "the minted chain for another name gave exit code $code, wanted 1"
  "$program" run "$case" --client mxident:rfc9525 --output "$place/results" || fail "running a scenario"
  grep -q '"outcome":"pass"' "$place/results/results.ndjson" || fail "no cell of the scenario passed"
  rm -r "$place/minted" "$place/results"

  for file in bash-completion/completions/mxident zsh/vendor-completions/_mxident fish/vendor_completions.d/mxident.fish; do
    [ -s "$root/share/$file" ] || fail "share/$file is missing"
  done
  # Absent only where they could not be made. The package has them compressed.
  if [ -n "$(find "$root/share/man/man1" -name 'mxident.1*' 2>/dev/null)" ]; then
    for page in man1/mxident-run.1 man5/mxident-results.5; do
      [ -n "$(find "$root/share/man" -path "*/$page*")" ] || fail "the manual page $page is missing"
    done
  elif command -v scdoc >/dev/null; then
    fail "the manual page is missing"
  fi
}

program() {
  "$CMAKE" --install "$build" --prefix "$place/prefix" >/dev/null
  use_program "$place/prefix"
}

deb() {
  for tool in dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
  done
  [ -z "${SANITIZE:-}" ] || { echo "skipped: a package is not made of a build with sanitizers"; exit 77; }
  rm -rf "$packages"
  "$CPACK" --config "$build/CPackConfig.cmake" -G DEB -B "$packages" >"$place/cpack.log" 2>&1 ||
    { cat "$place/cpack.log"; fail "cpack"; }
  rm -r "$packages/_CPack_Packages"
  local package
  package=$(find "$packages" -maxdepth 1 -name 'mxident_*.deb')
  [ -f "$package" ] || fail "no package was made"
  dpkg-deb -f "$package" Depends | grep -q 'libssl3' || fail "the package does not depend on libssl3"
  dpkg-deb -x "$package" "$place/root"
  [ -n "$(find "$place/root/usr/share/mxident/baselines" -name '*.json')" ] || fail "the baselines are missing"
  [ -s "$place/root/usr/lib/libmxident_verifier.a" ] || fail "the library is missing"
  mkdir "$place/found"
  cat >"$place/found/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(found NONE)
find_package(mxident REQUIRED COMPONENTS conformance)
get_target_property(program mxident::cli LOCATION)
execute_process(COMMAND ${program} --version COMMAND_ERROR_IS_FATAL ANY)
EOF
  "$CMAKE" -S "$place/found" -B "$place/found/build" "-DCMAKE_PREFIX_PATH=$place/root/usr" >/dev/null ||
    fail "find_package does not find what the package brings"
  use_program "$place/root/usr"
}

# What Debian's own checker says of the package: nothing but what packaging/lintian-overrides has with its reason.
lintian_test() {
  command -v lintian >/dev/null || { echo "skipped: lintian is not installed"; exit 77; }
  local package
  package=$(find "$packages" -maxdepth 1 -name 'mxident_*.deb' 2>/dev/null) || :  # there may be no such folder
  [ -f "$package" ] || { echo "skipped: no package was made"; exit 77; }
  lintian --allow-root --tag-display-limit 0 --display-info --fail-on none "$package" >"$place/said" || fail "lintian did not run"
  cat "$place/said"
  # An override that overrides nothing is out of date.
  ! grep -qE '^[EW]:|mismatched-override|unused-override' "$place/said" || fail "lintian"
}

case $what in
  library) library ;;
  program) program ;;
  deb) deb ;;
  lintian) lintian_test ;;
  *) fail "found \"$what\", wanted library, program, deb or lintian" ;;
esac
