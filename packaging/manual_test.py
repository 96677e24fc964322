"""Every command has a manual page in which each of its options stands, and every format of files has one.

Usage: manual_test.py PROGRAM FOLDER_OF_THE_PAGES     77: scdoc was not there when the program was built
"""
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import help_text

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
FORMATS = ("client", "matrix", "results", "scenario")


def main():
    if not FOLDER.is_dir():
        print("skipped: there are no manual pages here")
        return 77
    faults = []
    root = help_text.read(PROGRAM)
    options = 0
    for name, command in root.commands.items():
        page = FOLDER / f"man1/mxident-{name}.1"
        if not page.is_file():
            faults.append(f"there is no page mxident-{name}(1)")
            continue
        text = page.read_text().replace("\\-", "-")
        for inner in [command, *help_text.all_commands(command)]:
            for entry in inner.options:
                for option in entry.names:
                    options += 1
                    if f"\\fB{option}\\fR" not in text:
                        faults.append(f"mxident-{name}(1) lacks {option}")
    if options < 100:
        faults.append(f"only {options} options were looked for")
    pages = [*FOLDER.glob("man1/*.1"), *FOLDER.glob("man5/*.5")]
    for name in FORMATS:
        if FOLDER / f"man5/mxident-{name}.5" not in pages:
            faults.append(f"there is no page mxident-{name}(5)")
    if shutil.which("groff"):
        for page in pages:
            said = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True, timeout=60).stderr
            if said:
                faults.append(f"{page.name}: {said[:300]}")
    for line in faults:
        print("FAILED:", line)
    print(f"{len(pages)} pages, {options} options, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
