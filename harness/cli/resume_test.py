"""A run that is killed and gone on with comes to the results of one that was not; one of another kind is refused.

Usage: resume_test.py MXIDENT
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program_testing import FAULTS, expect

PROGRAM = sys.argv[1]
WHAT = ["rfc9525/wildcard-*", "rfc9525/exact*", "--client", "mxident", "--baseline", "none"]


def mxident(*arguments):
    return subprocess.run([PROGRAM, "run", *arguments], capture_output=True, text=True, timeout=240)


def resumed(*arguments):
    """The processes of a killed run are gone a moment after it."""
    for _ in range(100):
        run = mxident(*arguments, "--resume")
        if "another run is writing there" not in run.stderr:
            break
        time.sleep(0.1)
    return run


def lines_of(folder):
    return (folder / "results.ndjson").read_text(encoding="utf-8").splitlines()


TIMES = ("t", "duration_ms", "cpu_ms", "wall_s", "client_cpu_s", "harness_cpu_s")


def untimed(value):
    if isinstance(value, dict):
        return {key: untimed(item) for key, item in value.items() if key not in TIMES}
    return [untimed(item) for item in value] if isinstance(value, list) else value


def content(folder, wire):
    """Lines in an order of their own; what the wire showed of cells that race with themselves is left out."""
    out = []
    for line in lines_of(folder):
        record = untimed(json.loads(line))
        record.pop("certificate", None)  # minted anew by each run
        if not wire:
            record.pop("events", None)
        out.append(json.dumps(record, sort_keys=True))
    return sorted(out)


def kill_half_way(output, cells):
    run = subprocess.Popen([PROGRAM, "run", *WHAT, "--output", str(output)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    file = output / "results.ndjson"
    while run.poll() is None:
        if file.exists() and file.read_bytes().count(b'\n{"type":"cell"') >= cells:
            run.kill()
            break
        time.sleep(0.002)
    run.wait()
    time.sleep(0.3)
    return file.read_bytes()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        whole = mxident(*WHAT, "--output", str(folder / "whole"))
        expect("the run as such has no news", whole.returncode == 0, whole)
        cells = sum(line.startswith('{"type":"cell"') for line in lines_of(folder / "whole"))
        expect("it is worth the trial", cells > 50)

        output = folder / "killed"
        octets = kill_half_way(output, cells // 3)
        expect("the killed run has no footer", b'"type":"footer"' not in octets)
        file = output / "results.ndjson"
        file.write_bytes(octets[: octets.rfind(b"\n") + 1] + b'{"type":"cell","scenario":"rfc95')
        first = octets[: octets.rfind(b"\n") + 1]
        run = resumed(*WHAT, "--output", str(output), "--report", f"csv:{folder}/all.csv")
        expect("the second part ends as the run in one piece", run.returncode == whole.returncode, run)
        expect("it says what it found", "going on behind" in run.stderr, run)
        expect("what was there stays as it was", file.read_bytes().startswith(first))
        expect("both come to the same", content(output, False) == content(folder / "whole", False))
        expect("a report has every cell", (folder / "all.csv").read_text().count("\n") == cells + 1)
        last = [line.split(" s ")[0] for line in run.stdout.splitlines() if " pass" in line][-1:]
        expect("the console counts all of them", last and last == [line.split(" s ")[0] for line in whole.stdout.splitlines() if " pass" in line][-1:], run)

        again = resumed(*WHAT, "--output", str(output))
        expect("a whole run is not run again", again.returncode == 0 and content(output, False) == content(folder / "whole", False), again)
        new = resumed(*WHAT, "--output", str(folder / "new"))
        expect("nothing to go on with is a new run", new.returncode == 0 and content(folder / "new", False) == content(folder / "whole", False), new)

        keep = folder / "kept"
        for _ in range(2):
            run = mxident("rfc9525/exact-name", "--client", "mxident:rfc9525", "--baseline", "none", "--keep", str(keep))
            expect("a folder that grows takes a run", run.returncode == 0, run)
        names = sorted(path.name for path in keep.iterdir() if path.is_dir() and not path.is_symlink())
        index = [json.loads(line) for line in (keep / "runs.ndjson").read_text(encoding="utf-8").splitlines()]
        expect("each has its folder and its line", len(names) == 2 and [line["run"] for line in index] == names)
        expect("latest is the last", (keep / "latest" / "results.ndjson").samefile(keep / names[-1] / "results.ndjson"))

        rows = [
            (["rfc9525/exact*", "--client", "mxident", "--baseline", "none"], "other scenarios"),
            ([*WHAT[:2], "--client", "mxident:rfc9525", "--baseline", "none"], "other clients or modes"),
            ([*WHAT, "--policy", "all"], "another plan"),
        ]
        before = file.read_bytes()
        for arguments, words in rows:
            run = mxident(*arguments, "--output", str(output), "--resume")
            expect(f"{words}: exit 5 and the reason", run.returncode == 5 and words in run.stderr, run)
            expect(f"{words}: the file stays", file.read_bytes() == before)
        run = mxident(*WHAT, "--resume")
        expect("--resume wants --output", run.returncode == 2 and "--output" in run.stderr, run)
        file.write_bytes(before.replace(b'{"type":"cell"', b'{"type":"call"', 1))
        run = mxident(*WHAT, "--output", str(output), "--resume")
        expect("a damaged file is refused with its place", run.returncode == 2 and "results.ndjson:" in run.stderr, run)
    print("FAILED" if FAULTS else "as wanted")
    return 1 if FAULTS else 0


sys.exit(main())
