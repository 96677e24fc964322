"""A worker and a process for every cell: both ways every cell has to end the same.

Usage: workers_test.py MXIDENT SCENARIO-LIST CLIENT... Exit 77: none of the clients is installed, or they cannot run here.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM, LISTING, *CLIENTS = sys.argv[1:]
# Every third of them: what each way has to end as is tested on all by client_test.py.
SCENARIOS = [line.strip() for line in pathlib.Path(LISTING).read_text().splitlines() if line.strip() and line[0] != "#"][::3]
# Beside these a result has durations, addresses and a program's chatter, which need not be the same.
SAME = ("outcome", "decision", "layers", "sni", "alert", "said", "contradiction", "note")


def cells(*options):
    """The cells that ran, by client, mode and scenario."""
    with tempfile.TemporaryDirectory() as folder:
        command = [PROGRAM, "run", *SCENARIOS, "--baseline", "none", "--output", folder, *options]
        for client in CLIENTS:
            command += ["--client", client]
        run = subprocess.run(command, capture_output=True, text=True, timeout=1700)
        if run.returncode not in (0, 1):
            sys.exit(f"exit code {run.returncode}: {run.stderr[-2000:]}")
        lines = [json.loads(line) for line in (pathlib.Path(folder) / "results.ndjson").read_text().splitlines()]
    return {(cell["client"], cell["mode"], cell["scenario"]): cell for cell in lines if "scenario" in cell}


def main():
    alone, worked = cells(), cells("--workers", "on")
    ran = {key for key, cell in alone.items() if "cpu_ms" in cell}
    if not ran:
        print("skipped:", next(iter(alone.values())).get("note", "no reason given"))
        return 77
    in_worker = {key for key in ran if worked[key].get("in_worker")}
    faults = [f"{' '.join(key)}: alone {alone[key].get(name)}, in a worker {worked[key].get(name)}"
              for key in sorted(ran) for name in SAME if alone[key].get(name) != worked[key].get(name)]
    faults += [f"{client}: no cell ran in a worker" for client in sorted({key[0] for key in ran} - {key[0] for key in in_worker})]
    faults += [f"{' '.join(key)} ran in a worker though none was asked for" for key in sorted(ran) if alone[key].get("in_worker")]

    def cpu(cells):
        return sum(cells[key].get("cpu_ms", 0) for key in in_worker) / max(1, len(in_worker))
    print(f"{len(ran)} cells each way, {len(in_worker)} of them in workers: {cpu(alone):.0f} ms of CPU alone, {cpu(worked):.0f} ms in a worker")
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
