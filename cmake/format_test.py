"""Every C++ file is as clang-format 14 writes it. Usage: format_test.py SOURCE_DIR. Exit code 77 if there is no clang-format 14."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

FOLDERS = ("certs", "mocks", "verifier", "harness", "bench", "cmake", "packaging")


def differing(program, paths):
    """Those of some files that are not as the program writes them. One process for many: its start costs more than a file."""
    said = subprocess.run([program, "--dry-run", *map(str, paths)], capture_output=True, text=True, check=True).stderr
    return {pathlib.Path(name) for name in re.findall(r"^(.+?):\d+:\d+: ", said, re.M)}


def main():
    root = pathlib.Path(sys.argv[1])
    program = shutil.which("clang-format-14")
    if program is None:
        print("clang-format-14 is not installed; scripts/setup installs it")
        return 77
    files = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.[ch]pp")) if "build" not in path.relative_to(root).parts]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [files[start:start + 50] for start in range(0, len(files), 50)]
        bad = sorted(set().union(*pool.map(lambda part: differing(program, part), parts)))
    for path in bad:
        print(f"{path.relative_to(root)}: differs; clang-format-14 -i {path.relative_to(root)}")
    print(f"{len(files) - len(bad)} of {len(files)} files are formatted")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
