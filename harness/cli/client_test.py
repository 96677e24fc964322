"""Runs one client (or "all") on the scenarios listed in a file and fails on news against the shipped baselines.

Usage: client_test.py MXIDENT CLIENT SCENARIO-LIST. Exit 77: the client is not installed, or cannot run here.
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def main():
    program, client, listing = sys.argv[1:]
    scenarios = [line.strip() for line in pathlib.Path(listing).read_text().splitlines() if line.strip() and line[0] != "#"]
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", *scenarios, "--output", folder]
        if client != "all":
            command += ["--client", client]
        run = subprocess.run(command, capture_output=True, text=True, timeout=850)
        results = pathlib.Path(folder) / "results.ndjson"
        cells = []
        if results.exists():
            lines = [json.loads(line) for line in results.read_text().splitlines()]
            cells = [line for line in lines if "scenario" in line]
    ran = [cell for cell in cells if cell["outcome"] != "unsupported"]
    print(f"{len(cells)} cells, {len(ran)} of them ran; exit code {run.returncode}")
    if cells and not ran:
        print("skipped:", cells[0].get("note", "no reason given"))
        return 77
    news = [cell for cell in ran if cell["baseline"] in ("news", "fixed") or
            (cell["baseline"] == "none" and cell["outcome"] in ("lax", "strict", "downgrade", "hang", "crash", "harness-error"))]
    changes = [cell for cell in news if "compared_with" in cell]  # another release than the one that was recorded
    for cell in changes:
        print(f"behaviour change since {cell['compared_with']}: {cell['client']} {cell['client_version']} {cell['mode']} {cell['scenario']}: "
              f"{cell['baseline']}, {cell['outcome']} ({cell['decision']})")
    news = [cell for cell in news if cell not in changes]
    for cell in news:
        print(f"{cell['baseline']}: {cell['client']} {cell['mode']} {cell['scenario']}: {cell['outcome']} ({cell['decision']})\n  {cell['reproduce']}")
    broken = sorted({f"{cell['client']} {cell['mode']}: {cell['note']}" for cell in cells
                     if cell["outcome"] == "unsupported" and cell.get("note", "").startswith("broken set-up")})
    for line in broken:
        print(line)
    if not ran:
        print(run.stderr[-2000:])
        return 1
    return 1 if news or broken or run.returncode not in (0, 1) else 0


if __name__ == "__main__":
    sys.exit(main())
