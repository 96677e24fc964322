"""Every C++ file is as clang-format 14 writes it. Usage: format_test.py SOURCE_DIR. Exit code 77 if there is no clang-format 14."""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("certs", "mocks", "verifier", "harness", "bench", "cmake", "packaging")


def differs(program, path):
    wanted = subprocess.run([program, str(path)], capture_output=True, check=True).stdout
    return wanted != path.read_bytes()


def main():
    root = pathlib.Path(sys.argv[1])
    program = shutil.which("clang-format-14")
    if program is None:
        print("clang-format-14 is not installed; scripts/setup installs it")
        return 77
    files = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.[ch]pp")) if "build" not in path.parts]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = [path for path, bad in zip(files, pool.map(lambda path: differs(program, path), files)) if bad]
    for path in bad:
        print(f"{path.relative_to(root)}: differs; clang-format-14 -i {path.relative_to(root)}")
    print(f"{len(files) - len(bad)} of {len(files)} files are formatted")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
