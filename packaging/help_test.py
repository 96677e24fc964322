"""--help of every command fits 80 columns and a screen, and ends with an example, which works.

Usage: help_test.py PROGRAM
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import help_text

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
SOURCE = pathlib.Path(__file__).resolve().parents[1]
LINES, COLUMNS = 45, 80
BUILT_IN = ["--client", "mxident:rfc9525"]
# Put behind an example so that it stays on this machine: nothing listens there.
MORE = {"verify": " --resolver 127.0.0.1:1 --timeout 1"}
# Exit codes by which an example has done what it says; 1 is news, or a client that does not meet the question.
CODES = {"verify": {1, 3}, "run": {0, 1}, "report": {0, 1}, "repro": {0, 1}, "fingerprint": {0, 1}, "learn": {0, 1}}
FAULTS, DONE = [], set()


def fault(text):
    print("FAILED:", text, flush=True)
    FAULTS.append(text)


def prepare(folder):
    """What the examples find: two results, two shards, a chain, a suite."""
    def mxident(*words):
        subprocess.run([PROGRAM, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60)

    mxident("run", "rfc2818/*", *BUILT_IN, "--output", "old")
    for name in ("new", "out"):
        shutil.copytree(folder / "old", folder / name)
    for part in "12":
        mxident("run", "rfc2818/*", *BUILT_IN, "--shard", f"{part}/2", "--output", f"shard-{part}")
    scenario = (SOURCE / "scenarios/rfc9525/exact-name.json").read_text().replace("exact-name.test", "example.test")
    (folder / "rfc9525").mkdir()
    (folder / "rfc9525/exact-name.json").write_text(scenario)
    mxident("mint", "rfc9525/exact-name.json", "--output", "chain")
    shutil.copy(folder / "chain/mx.pem", folder / "chain.pem")
    shutil.copy(folder / "chain/root.pem", folder / "root.pem")
    (folder / "limbo.json").write_text('{"version": 1, "testcases": []}')


def check(command, folder):
    name = " ".join(["mxident", *command.words])
    text = subprocess.run([PROGRAM, *command.words, "--help"], capture_output=True, text=True, check=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin", "COLUMNS": str(COLUMNS), "LANG": "C.UTF-8"}).stdout
    lines = text.rstrip("\n").split("\n")
    if len(lines) > LINES:
        fault(f"{name} --help: {len(lines)} lines, wanted at most {LINES}")
    for line in lines:
        if len(line) > COLUMNS:
            fault(f"{name} --help: longer than {COLUMNS} columns: {line}")
    if "\n\n\n" in text:
        fault(f"{name} --help: two empty lines")
    if not lines[-1].startswith(f"Example: {name}"):
        fault(f"{name} --help: ends with \"{lines[-1]}\", wanted an example")
        return
    example = lines[-1].removeprefix("Example: ")
    if example in DONE:
        return
    DONE.add(example)
    if " curl" in example and not shutil.which("curl"):
        print("not run, for curl is not installed:", example)
        return
    word = command.words[0] if command.words else "run"
    shutil.rmtree(folder / "out" if word == "run" else folder / "none", ignore_errors=True)
    done = subprocess.run(["/bin/sh", "-c", f'mxident() {{ "{PROGRAM}" "$@"; }}\n{example}{MORE.get(word, "")}'], cwd=folder,
                          capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    print(f"exit {done.returncode}: {example}", flush=True)
    if done.returncode not in CODES.get(word, {0}):
        fault(f"{example}: exit code {done.returncode}: {done.stderr[-500:]}")
    if not done.stdout and ">" not in example:
        fault(f"{example}: prints nothing")


def main():
    root = help_text.read(PROGRAM)
    commands = [root, *help_text.all_commands(root)]
    if len(commands) < 16:
        fault(f"only {len(commands)} commands")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        for command in commands:
            check(command, folder)
    print(f"{len(commands)} commands, {len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
