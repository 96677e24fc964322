"""Checks the arrows of ARCHITECTURE.md: what each room may include and link, that it is drawn, and three rules that a compiler does not know.

Usage: layering_test.py SOURCE_DIR | --self-test
Prints each fault as FILE:LINE and exits 1 if there is any.
"""
import collections
import pathlib
import re
import sys
import tempfile

# Room -> (rooms that it may include and link, libraries that it may include and link).
ROOMS = {
    "certs": ("", "openssl"),
    "mocks": ("certs mocks/net mocks/smtp mocks/dns mocks/sts mocks/tls", "boost"),
    "mocks/net": ("mocks mocks/tls", "boost"),
    "mocks/tls": ("mocks certs", "openssl"),
    "mocks/smtp": ("mocks mocks/net mocks/tls", "boost"),
    "mocks/dns": ("mocks mocks/net", "ldns openssl boost"),
    "mocks/sts": ("mocks", "boost"),
    "verifier": ("", "openssl idn2.h"),
    "verifier/net": ("verifier", "openssl boost"),
    "verifier/dns": ("verifier verifier/net", "openssl boost unbound.h resolv.h"),
    "verifier/probe": ("verifier verifier/net verifier/dns", "openssl boost"),
    "harness/text": ("verifier", "fmt openssl"),
    "harness/sandbox": ("harness/text", "fmt openssl"),
    "harness/input": ("harness/text certs verifier", "fmt nlohmann openssl libpsl.h zlib.h"),
    "harness/scenario": ("harness/text certs mocks verifier", "fmt nlohmann openssl"),
    "harness/oracle": ("harness/text harness/scenario certs verifier", "fmt idn2.h"),
    "harness/catalogue": ("harness/text harness/input harness/scenario harness/oracle certs mocks verifier", "fmt nlohmann openssl"),
    "harness/world": ("harness/text harness/input harness/scenario harness/catalogue certs mocks verifier", "fmt openssl"),
    "harness/judge": ("harness/text mocks verifier", "fmt"),
    "harness/results": ("harness/text harness/input", "fmt nlohmann"),
    "harness/analysis": ("harness/text harness/input harness/results", "fmt nlohmann"),
    "harness/driver": ("harness/text harness/input harness/judge harness/sandbox certs mocks verifier verifier/net verifier/dns "
                       "verifier/probe", "fmt nlohmann boost"),
    "harness/run": ("harness/text harness/input harness/sandbox harness/scenario harness/oracle harness/catalogue harness/world "
                    "harness/judge harness/driver harness/results certs mocks verifier", "fmt nlohmann"),
    "harness/guide": ("harness/text harness/input harness/scenario harness/catalogue harness/driver harness/analysis verifier",
                      "fmt nlohmann"),
    "harness/explore": ("harness/guide harness/text harness/input harness/scenario harness/oracle harness/catalogue harness/results "
                        "harness/analysis harness/run harness/driver verifier", "fmt nlohmann"),
    "harness/report": ("harness/text harness/input harness/results harness/analysis verifier verifier/net verifier/dns "
                       "verifier/probe", "fmt nlohmann boost"),
    "harness/offline": ("harness/text harness/input certs verifier verifier/probe", "fmt nlohmann openssl"),
    "harness/cli": ("harness/guide harness/text harness/input harness/sandbox harness/scenario harness/oracle harness/catalogue harness/world "
                    "harness/judge harness/driver harness/results harness/run harness/analysis harness/explore harness/report "
                    "harness/offline certs mocks verifier verifier/net verifier/dns verifier/probe", "fmt nlohmann boost CLI"),
    "harness/adequacy": ("harness/text harness/scenario harness/catalogue harness/world harness/judge certs mocks verifier",
                         "fmt openssl idn2.h"),
}
# Arrows that no drawing shows, each with its reason. One that nothing needs any more is a fault.
EXCEPTIONS = {
    ("harness/driver", "harness/results"): "versions of a client are compared as baselines compare them",
}
# What a room's tests may use besides.
TESTS = {
    "mocks": ("", "openssl"),
    "mocks/dns": ("certs", "unbound.h"),  # the mock zones are held against a validating library
    "mocks/smtp": ("certs", ""),
    "mocks/sts": ("certs", ""),
    "verifier": ("certs", ""),  # the verifier's rows run through minted certificates
    "verifier/dns": ("certs mocks", ""),
    "verifier/probe": ("certs mocks mocks/net", ""),
    "harness/input": ("harness/catalogue", ""),
    "harness/oracle": ("harness/catalogue harness/input", ""),
    "harness/analysis": ("harness/catalogue harness/scenario", ""),
    "harness/explore": ("harness/world", ""),
    "harness/adequacy": ("harness/explore", ""),  # what learning finds of the zoo
    "harness/offline": ("harness/catalogue", "openssl"),
    "harness/cli": ("", "openssl"),
}
# Results are read by people who have no mocks: these rooms must not reach them over any way.
STANDING_ALONE = ("harness/results", "harness/analysis", "harness/report")
PROGRAMS = ("harness", "clients")  # programs of clients: each a page of its own, and no part of the harness

STANDARD = re.compile(r"^[a-z_0-9]+$")
POSIX = ("sys/", "arpa/", "netinet/", "linux/", "net/", "bits/")
POSIX_FILES = set("unistd.h fcntl.h poll.h sched.h pthread.h signal.h dirent.h ifaddrs.h netdb.h grp.h pwd.h spawn.h limits.h "
                  "stdlib.h string.h errno.h stdio.h time.h ftw.h glob.h fnmatch.h syscall.h".split())
TEST_LIBRARIES = {"gtest", "gmock", "rapidcheck", "rapidcheck.h", "benchmark", "sanitizer"}
LINKED = {"OpenSSL::Crypto": "openssl", "OpenSSL::SSL": "openssl", "Boost::headers": "boost", "mxident_asio": "boost",
          "fmt::fmt": "fmt", "nlohmann_json::nlohmann_json": "nlohmann", "PkgConfig::LDNS": "ldns", "PkgConfig::IDN2": "idn2.h",
          "PkgConfig::PSL": "libpsl.h", "ZLIB::ZLIB": "zlib.h", "${UNBOUND_LIBRARY}": "unbound.h", "resolv": "resolv.h", "CLI11::CLI11": "CLI"}
FREE = {"Threads::Threads", "${MXIDENT_TCMALLOC}", "benchmark::benchmark", "rapidcheck", "mxident_fuzz_smoke"}

PURE = ("verifier",)  # the core: no sockets, files or clock
IMPURE = {"fstream", "iostream", "filesystem", "thread", "sys/socket.h", "netdb.h", "unistd.h", "fcntl.h"}
CLOCK = re.compile(r"system_clock|steady_clock|\btime\s*\(\s*(nullptr|NULL|0|&)")


def room_of(path):
    for length in (2, 1):
        name = "/".join(path.parts[:length])
        if name in ROOMS:
            return name
    return None


def is_test(name):
    return re.search(r"_(test|fuzz|bench)\.cpp$|^(fuzz_|test_)|test_support|_rows\.[ch]pp$", name) is not None


class Checker:
    def __init__(self, root):
        self.root = root
        self.faults = []
        self.used = set()
        self.sources = []

    def allowed(self, room, test):
        rooms, libraries = (set(words.split()) for words in ROOMS[room])
        if test and room in TESTS:
            rooms |= set(TESTS[room][0].split())
            libraries |= set(TESTS[room][1].split())
        return rooms | {room}, libraries

    def arrow(self, where, room, to, test, what):
        if (room, to) in EXCEPTIONS:
            self.used.add((room, to))
        elif to not in self.allowed(room, test)[0]:
            self.faults.append(f"{where}: {room} may not {what} ({to})")

    def check_include(self, where, room, path, include, test):
        name = include[1:-1]
        if include[0] == '"':
            found = next((c for c in ((self.root / path).parent / name, self.root / name, (self.root / path).parent / f"{name}.in")
                          if c.exists()), None)  # .in: made at configuration
            target = room_of(found.resolve().relative_to(self.root)) if found else None
            if target is None:
                self.faults.append(f"{where}: {name} is in no room of this project")
            else:
                self.arrow(where, room, target, test, f"include {name}")
            return
        first = name.split("/")[0]
        if STANDARD.match(name) or name.startswith(POSIX) or name in POSIX_FILES or (test and first in TEST_LIBRARIES):
            if room in PURE and not test and name in IMPURE:
                self.faults.append(f"{where}: the core is pure and may not include <{name}>")
        elif not {first, name} & self.allowed(room, test)[1]:
            self.faults.append(f"{where}: {room} may not include <{name}>")

    def check_file(self, path):
        room, test = room_of(path), is_test(path.name)
        text = (self.root / path).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            include = re.match(r'\s*#\s*include\s+(<[^>]+>|"[^"]+")', line)
            if include:
                self.check_include(f"{path}:{number}", room, path, include.group(1), test)
            elif room in PURE and not test and CLOCK.search(line):
                self.faults.append(f"{path}:{number}: the core is pure and may not read a clock")
        for number in awaited_conditions(text):
            self.faults.append(f"{path}:{number}: GCC 12 miscompiles co_await in a loop's condition; await in the body (CONTRIBUTING.md)")

    def check_tree(self):
        for folder in ("certs", "mocks", "verifier", "harness"):
            for path in sorted((self.root / folder).rglob("*.[ch]pp")):
                path = path.relative_to(self.root)
                if path.parts[:2] == PROGRAMS:
                    continue
                self.sources.append(path)
                if room_of(path) is None or path.parts[0] == "harness" and len(path.parts) < 3:
                    self.faults.append(f"{path}: is in no room; cmake/layering_test.py has the table")
                else:
                    self.check_file(path)

    def check_cmake(self):
        calls = [call for file in [*sorted(self.root.rglob("CMakeLists.txt")), *sorted(self.root.rglob("*.cmake"))] for call in calls_of(file, self.root)]
        homes = {call.words[0]: call.room for call in calls
                 if call.name in ("mxident_room", "add_library", "add_executable", "mxident_add_test") and call.words}
        tests = {call.words[0] for call in calls if call.name in ("mxident_add_test", "mxident_add_fuzzer") and call.words}
        for call in calls:
            linked = call.after({"target_link_libraries": ("PUBLIC", "PRIVATE", "INTERFACE"), "mxident_room": ("PUBLIC", "PRIVATE"),
                                 "mxident_add_test": ("LIBRARIES",), "mxident_add_fuzzer": ("LIBRARIES",)}.get(call.name, ()))
            target = call.words[0] if call.words else ""
            test = target in tests or "test" in target or target.endswith(("_bench", "_rows"))
            for word in linked:
                if word in LINKED:
                    if LINKED[word] not in self.allowed(call.room, test)[1]:
                        self.faults.append(f"{call.where}: {target} may not link {word}")
                elif word in homes:
                    self.arrow(call.where, call.room, homes[word], test, f"link {word}")
                elif word not in FREE:
                    self.faults.append(f"{call.where}: {target} links {word}, which cmake/layering_test.py does not know")
        self.check_unity(calls)

    def check_unity(self, calls):
        """Sources that are compiled together must not have the same names in unnamed namespaces."""
        apart = {call.folder / word for call in calls if call.name in ("mxident_unity", "mxident_room") for word in call.after(("SEPARATE",))}
        own = {call.words[0] for call in calls if call.name == "mxident_unity" and call.words}
        groups = collections.defaultdict(list)
        for call in calls:
            together = call.name == "mxident_room" or (call.name == "mxident_add_test" and "TOGETHER" in call.words)
            if together or (call.name in ("add_library", "target_sources") and call.words and call.words[0] in own):
                words = call.after(("SOURCES",)) if together else call.words[1:]
                groups[call.words[0]] += [call.folder / word for word in words if word.endswith(".cpp")]
        for sources in groups.values():
            seen = {}
            headers = {name for folder in {source.parent for source in sources}
                       for header in (self.root / folder).glob("*.hpp") for name in declared_types(header)}
            for source in sources:
                if source in apart or not (self.root / source).exists():
                    continue
                for name, number in sorted(unnamed(self.root / source).items()):
                    if name in seen and seen[name] != source:
                        self.faults.append(f"{source}:{number}: {name[1]} is also in {seen[name]}, and both are compiled together: "
                                           "another name, or SEPARATE in CMakeLists.txt")
                    elif (name[0], name[1]) in headers:
                        self.faults.append(f"{source}:{number}: {name[1]} is also in a header of its room: another name, or SEPARATE")
                    seen.setdefault(name, source)

    def check_table(self):
        for arrow, reason in EXCEPTIONS.items():
            if arrow not in self.used:
                self.faults.append(f"cmake/layering_test.py: the exception {arrow[0]} -> {arrow[1]} ({reason}) is not needed any more")
        arrows = {room: set(ROOMS[room][0].split()) | {to for start, to in EXCEPTIONS if start == room} for room in ROOMS}
        for room in ROOMS:
            reached = reach(arrows, room)
            if room in reached and not room.startswith("mocks"):  # mocks/ has its model and its front beside the rooms
                self.faults.append(f"cmake/layering_test.py: {room} reaches itself")
            if room in STANDING_ALONE and any(to.startswith("mocks") for to in reached):
                self.faults.append(f"cmake/layering_test.py: {room} reaches the mocks")

    def check_drawing(self):
        told = (self.root / "ARCHITECTURE.md").read_text(encoding="utf-8")
        for room in sorted({room_of(path) for path in self.sources} - {None}):
            if not re.search(rf"`({re.escape(room)}|{re.escape(pathlib.Path(room).name)})/`", told):
                self.faults.append(f"ARCHITECTURE.md: does not say what lives in {room}/")

    def run(self):
        self.check_tree()
        self.check_drawing()
        self.check_cmake()
        self.check_table()
        return self.faults


def reach(arrows, start):
    found, todo = set(), list(arrows[start])
    while todo:
        room = todo.pop()
        if room not in found:
            found.add(room)
            todo += arrows[room]
    return found


class Call:
    KEYS = {"PUBLIC", "PRIVATE", "INTERFACE", "SOURCES", "LIBRARIES", "SEPARATE", "LABEL", "TIMEOUT", "TOGETHER", "CORPUS",
            "STATIC", "OBJECT", "EXCLUDE_FROM_ALL", "ALIAS"}

    def __init__(self, name, words, where, folder, room):
        self.name, self.words, self.where, self.folder, self.room = name, words, where, folder, room

    def after(self, keys):
        taking, found = False, []
        for word in self.words:
            if word in self.KEYS:
                taking = word in keys
            elif taking:
                found.append(word)
        return found


def calls_of(file, root):
    path = file.relative_to(root)
    if "build" in path.parts or room_of(path.parent) is None:
        return
    text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
    for match in re.finditer(r"\b(\w+)\(((?:[^()]|\([^()]*\))*)\)", text):
        words = [re.sub(r"\$<BUILD_INTERFACE:(.*)>", r"\1", word) for word in match.group(2).split()]
        where = f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        yield Call(match.group(1), words, where, path.parent, room_of(path.parent))


def awaited_conditions(text):
    """Lines with a co_await in the condition of a loop. One awaited in "for (;;)" or in the body is none."""
    for match in re.finditer(r"\b(while|for)\s*\(", text):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        inner = text[match.end():end - 1]
        if match.group(1) == "for":
            parts = inner.split(";")
            inner = parts[1] if len(parts) == 3 else ""
        if "co_await" in inner:
            yield text.count("\n", 0, match.start()) + 1


def declared_types(header):
    space = ""
    for line in header.read_text(encoding="utf-8").splitlines():
        opened = re.match(r"namespace ([\w:]+) \{", line)
        declared = re.match(r"(?:struct|class|enum class) (\w+)", line)
        if opened:
            space = opened.group(1)
        elif declared:
            yield space, declared.group(1)


def unnamed(source):
    """(namespace, name of a type, constant or function with its parameters) -> line, for unnamed namespaces of a source."""
    found, space, inside, depth = {}, "", False, 0
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        opened = re.match(r"namespace ([\w:]+) \{$", line)
        if opened:
            space = opened.group(1)
        elif line == "namespace {":
            inside, depth = True, 0
        elif inside and line.startswith("}  // namespace"):
            inside = False
        elif inside:
            if depth == 0 and line and line[0] not in " /#}":
                name = name_in(line)
                if name:
                    found[(space, name)] = number
            depth += line.count("{") - line.count("}")
    return found


def name_in(line):
    if line.startswith(("using ", "template", "TEST", "INSTANTIATE", "static_assert", "friend", "namespace ", "extern ")):
        return None
    kind = re.match(r"(?:struct|class|enum class|enum) (\w+)", line)
    if kind:
        return kind.group(1)
    before = re.split(r"[=;{]", line)[0]
    function = re.match(r"[\w:<>,&*\s]*?[\s*&](\w+)\(([^()]*)\)", before)
    if function:
        types = [re.sub(r"\s*\b\w+$", "", word.strip()) if " " in word.strip() else word.strip() for word in function.group(2).split(",")]
        return f"{function.group(1)}({', '.join(types)})"
    constant = re.search(r"\b(k[A-Z]\w*)\b\s*(\[[^]]*\])?\s*$", before)
    return constant.group(1) if constant else None


def self_test():
    """Each rule finds the fault that it is for, and passes a tree without."""
    good = {
        "certs/mint.hpp": "#pragma once\n#include <string>\n",
        "verifier/match.cpp": '#include "verifier/match.hpp"\n',
        "verifier/match.hpp": "#pragma once\n#include <openssl/x509.h>\n",
        "harness/results/version.hpp": "#pragma once\n",
        "harness/driver/clients.cpp": '#include "harness/results/version.hpp"\nnamespace {\nint one(int a) {\n  return a;\n}\n}  // namespace\n',
        "harness/driver/other.cpp": "void f() {\n  for (;;) {\n    co_await g();\n  }\n}\n",
        "harness/driver/CMakeLists.txt": "mxident_room(mxident_driver SOURCES clients.cpp other.cpp PRIVATE fmt::fmt)\n",
        "verifier/CMakeLists.txt": "add_library(mxident_verifier STATIC match.cpp)\n",
        "ARCHITECTURE.md": "| `certs/` | `verifier/` | `harness/results/`, `driver/` |\n",
    }
    bad = [
        ("an include against the arrows", "verifier/match.cpp", '#include "certs/mint.hpp"\n', "verifier may not include certs/mint.hpp"),
        ("a library's header", "verifier/match.cpp", "#include <boost/asio.hpp>\n", "may not include <boost/asio.hpp>"),
        ("I/O in the core", "verifier/match.cpp", "#include <fstream>\n", "the core is pure"),
        ("a clock in the core", "verifier/match.cpp", "auto now = std::chrono::system_clock::now();\n", "may not read a clock"),
        ("a file in no room", "harness/new/thing.cpp", "", "is in no room"),
        ("a link against the arrows", "verifier/CMakeLists.txt",
         "add_library(mxident_verifier STATIC match.cpp)\ntarget_link_libraries(mxident_verifier PRIVATE mxident_driver)\n",
         "verifier may not link mxident_driver"),
        ("a library that is linked", "verifier/CMakeLists.txt",
         "add_library(mxident_verifier STATIC match.cpp)\ntarget_link_libraries(mxident_verifier PRIVATE fmt::fmt)\n", "may not link fmt::fmt"),
        ("co_await in a condition", "harness/driver/other.cpp", "  while (ok(co_await next())) {\n", "other.cpp:1: GCC 12"),
        ("co_await in a for's condition", "harness/driver/other.cpp", "  for (int i = 0; co_await next(i); ++i) {\n", "other.cpp:1: GCC 12"),
        ("a name twice in a batch", "harness/driver/other.cpp", "namespace {\nint one(int b) {\n  return b;\n}\n}  // namespace\n",
         "one(int) is also in harness/driver/clients.cpp"),
        ("a room that nobody draws", "harness/guide/page.hpp", "", "does not say what lives in harness/guide/"),
        ("a stale exception", "harness/driver/clients.cpp", "", "is not needed any more"),
    ]
    failed = 0
    for name, path, text, wanted in [("a tree without fault", "certs/mint.hpp", good["certs/mint.hpp"], None)] + bad:
        with tempfile.TemporaryDirectory() as place:
            for file, content in {**good, path: text}.items():
                (pathlib.Path(place) / file).parent.mkdir(parents=True, exist_ok=True)
                (pathlib.Path(place) / file).write_text(content, encoding="utf-8")
            faults = Checker(pathlib.Path(place).resolve()).run()
        if (wanted is None and faults) or (wanted and not any(wanted in fault for fault in faults)):
            print(f"{name}: found {faults}, wanted {wanted or 'nothing'}")
            failed += 1
    print(f"{failed} of {len(bad) + 1} rules fail" if failed else f"{len(bad) + 1} rules find what they are for")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    checker = Checker(pathlib.Path(sys.argv[1]).resolve())
    faults = checker.run()
    print("\n".join(faults) if faults else f"{len(checker.sources)} files keep to the arrows")
    return 1 if faults or not checker.sources else 0


if __name__ == "__main__":
    sys.exit(main())
