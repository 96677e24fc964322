"""Another project's ctest with mxident_add_conformance_tests(), from an installed prefix: docs/examples/vendor-ctest, and the
words of gtest_discover_tests in a project that compiles nothing.

Usage: vendor_test.py SOURCE_DIR BUILD_DIR. CMAKE and CTEST name the programs. 77: no sandbox for clients here.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SOURCE, BUILD = map(pathlib.Path, sys.argv[1:3])
CMAKE, CTEST = os.environ.get("CMAKE", "cmake"), os.environ.get("CTEST", "ctest")
FAULTS = []

# Each line of the project stands for a word of the function.
WORDS = """
cmake_minimum_required(VERSION 3.25)
project(words LANGUAGES NONE)
include(CTest)
find_package(mxident REQUIRED COMPONENTS conformance)
set(two rfc9525/exact-name rfc9525/cn-only)
set(common SCENARIOS ${two} DISCOVERY_TIMEOUT 60)
mxident_add_conformance_tests(NAME affixes MANIFEST two.json ${common} TEST_PREFIX before. TEST_SUFFIX .after)
mxident_add_conformance_tests(NAME modes MANIFEST two.json ${common} GROUP_BY mode)
mxident_add_conformance_tests(NAME one MANIFEST two.json ${common} GROUP_BY mode MODES loose)
mxident_add_conformance_tests(NAME scenarios MANIFEST two.json ${common} GROUP_BY scenario TEST_FILTER none *5/c?-only)
mxident_add_conformance_tests(NAME absent MANIFEST gone.json ${common} TEST_LIST those PROPERTIES LABELS "slow;mail" COST 7)
mxident_add_conformance_tests(NAME odd MANIFEST two.json ${common} GROUP_BY scenario OUTPUT_DIR "out;put"
  EXTRA_ARGS "--output=a;b ]=] \\$x \\"")
mxident_add_conformance_tests(NAME late MANIFEST two.json ${common} GROUP_BY mode MODES loose WORKING_DIRECTORY later)
mxident_add_conformance_tests(NAME empty MANIFEST two.json ${common} TEST_FILTER none ALLOW_EMPTY)
mxident_add_conformance_tests(NAME nothing MANIFEST two.json ${common} TEST_FILTER none)
mxident_add_conformance_tests(NAME broken MANIFEST broken.json ${common})
mxident_add_conformance_tests(NAME early MANIFEST two.json ${common} GROUP_BY mode DISCOVERY_MODE POST_BUILD)
file(WRITE ${CMAKE_BINARY_DIR}/after.cmake "file(WRITE ${CMAKE_BINARY_DIR}/those \\"\\${those}\\")\\n")
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_BINARY_DIR}/after.cmake)
"""
TWO = """{"id": "two", "title": "Two", "modes": [
  {"id": "strict", "policy": "rfc9525", "command": ["/no/such/program"]},
  {"id": "loose", "policy": "encrypt", "command": ["/no/such/program"]}]}"""
CASE = "reported/checktls-wildcard-of-another-domain"
LISTED = {
    "before.rfc9525.6.3.after", "before.rfc9525.2.after", "modes.mode:strict", "modes.mode:loose", "one.mode:loose",
    "scenarios.rfc9525/cn-only", "absent.rfc9525.6.3", "absent.rfc9525.2", "odd.rfc9525/exact-name", "odd.rfc9525/cn-only",
    "nothing_NOT_DISCOVERED", "broken_NOT_DISCOVERED", "early.mode:strict", "early.mode:loose", "late.mode:loose"}


def check(truth, what):
    print("right:" if truth else "FAILED:", what, flush=True)
    if not truth:
        FAULTS.append(what)


def run(*words, codes=(0,), cwd=None):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, cwd=cwd)
    if codes is not None and done.returncode not in codes:
        print(done.stdout[-4000:], done.stderr[-4000:])
        check(False, f"{' '.join(map(str, words))}: exit {done.returncode}")
    return done


def tests_of(folder):
    """Names that ctest lists, and what it said besides."""
    done = run(CTEST, "--test-dir", folder, "-N")
    return set(re.findall(r"^  Test +#\d+: (.*)$", done.stdout, re.M)), done.stderr


def results_of(folder, *words):
    """Status of each test, its output, and everything that was printed."""
    junit = folder / "junit.xml"
    done = run(CTEST, "--test-dir", folder, "--output-junit", junit, "--output-on-failure", *words, codes=None)
    cases = {case.get("name"): case for case in xml.etree.ElementTree.parse(junit).getroot()}
    return {name: case.get("status") for name, case in cases.items()}, done


def example(prefix, folder):
    source = folder / "example"
    shipped = prefix / "share/doc/mxident/examples/vendor-ctest"
    source.mkdir()
    for file in shipped.iterdir():
        (source / file.name).write_bytes(file.read_bytes())
    build = folder / "example-build"
    run(CMAKE, "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=OFF")
    names, said = tests_of(build)
    check("acme_NOT_BUILT" in names and "careless_NOT_BUILT" in names, f"before the build a test says so: {sorted(names)}")
    run(CMAKE, "--build", build)
    names, said = tests_of(build)
    check({"acme.rfc9525.6.3", "acme.rfc9525.2", "careless.rfc9525.6.3"} <= names, f"sections are listed: {sorted(names)}")
    check(said == "", f"listing is quiet: {said}")
    labels = run(CTEST, "--test-dir", build, "--print-labels").stdout.split()
    check({"mxident", "mxident:acme", "mail", "rfc9525", "rfc9525.6.3"} <= set(labels), f"labels are added: {labels}")

    status, done = results_of(build, "-j2")
    if set(status.values()) == {"notrun"}:
        print("skipped: no sandbox for clients here:", done.stdout[-500:])
        sys.exit(77)
    right = {name: how for name, how in status.items() if name.startswith("acme.")}
    check(len(right) > 1 and set(right.values()) == {"run"}, f"the right client passes: {right}")
    check(status.get("careless.rfc9525.6.3") == "fail", "the careless client fails")
    check("accepts" in done.stdout and CASE in done.stdout, "the failure says what was accepted")
    again = re.search(r"^ *again +(mxident run .*)$", done.stdout, re.M)
    check(again is not None, "the failure has the command that shows it again")
    for place in ("acme-conformance/acme.rfc9525.6.3", "careless-conformance/careless.rfc9525.6.3"):
        check((build / place / "results.ndjson").is_file() and (build / place / "report.md").is_file(), f"{place} has the results")
    if again:
        shown = subprocess.run(["/bin/bash", "-c", again[1]], capture_output=True, text=True, timeout=120,
                               env={**os.environ, "PATH": f"{prefix}/bin:{os.environ['PATH']}"})
        check(shown.returncode == 1 and "lax" in shown.stdout, f"the command shows it again: {again[1]}: {shown.returncode}")

    # A manifest that was changed is read again, with no build in between.
    manifest = build / "acme.client.json"
    manifest.write_text(manifest.read_text().replace('"rfc9525"', '"rfc9625"'))
    names, said = tests_of(build)
    check("acme_NOT_DISCOVERED" in names and "careless.rfc9525.6.3" in names, "a manifest that is broken costs its own tests")
    status, done = results_of(build, "-R", "^acme")
    check(status == {"acme_NOT_DISCOVERED": "fail"} and "rfc9625" in done.stdout, "and the test says what is wrong with it")


def words(prefix, folder):
    source, build = folder / "words", folder / "words-build"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(WORDS)
    (source / "two.json").write_text(TWO)
    (source / "gone.json").write_text(TWO.replace('"title"', '"version": {"command": ["no-such", "-v"], "pattern": "(.*)"}, "title"', 1))
    (source / "broken.json").write_text(TWO.replace("policy", "polices"))
    run(CMAKE, "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    names, said = tests_of(build)
    check("early_NOT_BUILT" in names, "POST_BUILD: nothing is found before the build")
    check("late_NOT_DISCOVERED" in names, "a working directory that is not there is a fault")
    (build / "later").mkdir()
    run(CMAKE, "--build", build)
    names, said = tests_of(build)
    check(names == LISTED, f"the tests of each word: {sorted(names ^ LISTED)} differ")
    check((build / "those").read_text() == "absent.rfc9525.2;absent.rfc9525.6.3", "TEST_LIST holds the names")
    labels = run(CTEST, "--test-dir", build, "--print-labels").stdout.split()
    check({"slow", "mail", "mxident:absent"} <= set(labels), "LABELS of PROPERTIES stay beside ours")
    text = (build / "odd_tests.cmake").read_text()
    check('[==[--output=a;b ]=] $x "]==]' in text, "an odd argument arrives in one piece")
    check(f"[=[{build}/out;put/odd.rfc9525_cn-only]=]" in text, "and a folder with a semicolon")
    status, done = results_of(build, "-R", "absent")
    check(set(status.values()) == {"notrun"} and "Skipped" in done.stdout, f"a client that is not there is a skip: {status}")
    status, done = results_of(build, "-R", "NOT_DISCOVERED")
    check(set(status.values()) == {"fail"} and "polices" in done.stdout, f"what was not found out fails: {status}")
    # What is wrong with a call is said where it stands.
    for call, said in (("NAME x", "wanted MANIFEST or TARGET"), ("NAME x MANIFEST y.json TIMEOUT 3", "is no argument of it"),
                       ("NAME \"a b\" MANIFEST y.json", "wanted letters"), ("NAME x TARGET none", "there is no target")):
        (source / "CMakeLists.txt").write_text(WORDS.split("set(two")[0] + f"mxident_add_conformance_tests({call})\n")
        done = run(CMAKE, "-S", source, "-B", build, codes=(1,))
        check(said in " ".join(done.stderr.split()), f"{call}: {said}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix = folder / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", prefix)
        words(prefix, folder)
        example(prefix, folder)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
