"""Checks the arrows of ARCHITECTURE.md: what each part may include and what its targets may link.

Usage: layering_test.py SOURCE_DIR. Prints each forbidden arrow as FILE:LINE and exits 1 if there is any.
"""
import pathlib
import re
import sys

# Part -> (parts it may include, third-party headers it may include: first path components, or full names)
STD = re.compile(r"^[a-z_0-9]+$")
POSIX = ("sys/", "arpa/", "netinet/", "linux/", "net/", "bits/")
POSIX_FILES = {"unistd.h", "fcntl.h", "poll.h", "sched.h", "pthread.h", "signal.h", "dirent.h", "ifaddrs.h", "netdb.h", "grp.h",
               "pwd.h", "spawn.h", "limits.h", "stdlib.h", "string.h", "errno.h", "stdio.h", "time.h", "ftw.h", "glob.h", "fnmatch.h",
               "resolv.h", "syscall.h", "signal.h"}
TESTS = {"gtest", "gmock", "rapidcheck", "rapidcheck.h", "benchmark"}
PARTS = {
    "certs": ({"certs"}, {"openssl"}),
    "mocks": ({"mocks", "certs"}, {"openssl", "boost", "ldns"}),
    "verifier": ({"verifier"}, {"openssl", "idn2.h"}),
    "verifier/probe": ({"verifier", "verifier/probe"}, {"openssl", "boost", "unbound.h"}),
    "harness": ({"harness", "verifier", "verifier/probe", "mocks", "certs"},
                {"openssl", "boost", "nlohmann", "fmt", "CLI", "libpsl.h", "idn2.h", "ldns"}),
}
# A test may look further than its part: the verifier's rows run through minted certificates.
TEST_EXTRA = {"verifier": {"certs"}, "verifier/probe": {"certs", "mocks"}}
TEST_LIBRARIES = {"mocks": {"unbound.h"}}  # the mock zones are held against a validating library
PROGRAMS = ("harness", "clients")  # small programs around other people's libraries, which are what is tested
PURE = ("verifier",)  # the core: no sockets, files or clock
IMPURE = {"fstream", "iostream", "filesystem", "thread", "sys/socket.h", "netdb.h", "unistd.h", "fcntl.h"}
CLOCK = re.compile(r"system_clock|steady_clock|\btime\s*\(\s*(nullptr|NULL|0|&)")


def part_of(path):
    if path.parts[0] == "verifier" and path.parts[1] in ("net", "dns", "probe"):
        return "verifier/probe"
    return path.parts[0]


def target_of(include, path, root):
    """The part that an #include of our own leads to, or None."""
    beside = (root / path).parent / include
    for candidate in (beside, root / include):
        if candidate.exists():
            resolved = candidate.resolve().relative_to(root.resolve())
            return part_of(resolved) if resolved.parts[0] in {p.split("/")[0] for p in PARTS} else None
    return None


def check_file(path, root):
    part = part_of(path)
    ours, theirs = PARTS[part]
    is_test = re.search(r"_(test|fuzz|bench)\.cpp$|test_support", path.name) is not None
    if is_test:
        ours = ours | TEST_EXTRA.get(part, set())
        theirs = theirs | TEST_LIBRARIES.get(part, set())
    for number, line in enumerate((root / path).read_text().splitlines(), 1):
        if part in PURE and not is_test and CLOCK.search(line):
            yield f"{path}:{number}: the core is pure and may not read a clock"
        match = re.match(r'\s*#\s*include\s+(<[^>]+>|"[^"]+")', line)
        if not match:
            continue
        name = match.group(1)[1:-1]
        where = f"{path}:{number}"
        if match.group(1)[0] == '"':
            target = target_of(name, path, root)
            if target is None:
                yield f"{where}: {name} is no file of this project"
            elif target not in ours:
                yield f"{where}: {part} may not include {name} ({target})"
            continue
        first = name.split("/")[0]
        if is_test and first in TESTS:
            continue
        standard = STD.match(name) or name.startswith(POSIX) or name in POSIX_FILES
        if not standard and first not in theirs and name not in theirs:
            yield f"{where}: {part} may not include <{name}>"
        if part in PURE and not is_test and name in IMPURE:
            yield f"{where}: the core is pure and may not include <{name}>"


LINKS = {  # what a library target may link besides its own kind
    "mxident_certs": {"OpenSSL::Crypto"},
    "mxident_mocks": {"mxident_certs", "mxident_asio", "PkgConfig::LDNS", "OpenSSL::SSL", "OpenSSL::Crypto"},
    "mxident_verifier": {"OpenSSL::Crypto", "PkgConfig::IDN2"},
    "mxident_probe": {"mxident_verifier", "mxident_dns", "mxident_asio", "OpenSSL::SSL", "OpenSSL::Crypto", "PkgConfig::UNBOUND", "${UNBOUND_LIBRARY}", "resolv"},
}


def check_links(root):
    for cmake in root.glob("**/CMakeLists.txt"):
        if "build" in cmake.relative_to(root).parts:
            continue
        for call in re.finditer(r"target_link_libraries\(\s*(\w+)([^)]*)\)", cmake.read_text()):
            target, words = call.group(1), set(call.group(2).split()) - {"PUBLIC", "PRIVATE", "INTERFACE"}
            words = {re.sub(r"\$<BUILD_INTERFACE:(.*)>", r"\1", word) for word in words}
            for word in sorted(words - LINKS[target]) if target in LINKS else []:
                yield f"{cmake.relative_to(root)}: {target} may not link {word}"


def main():
    root = pathlib.Path(sys.argv[1])
    faults, files = [], 0
    for folder in ("certs", "mocks", "verifier", "harness"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            if path.relative_to(root).parts[:2] == PROGRAMS:
                continue
            files += 1
            faults += check_file(path.relative_to(root), root)
    faults += check_links(root)
    print("\n".join(faults) if faults else f"{files} files keep to the arrows")
    return 1 if faults or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
