"""One mail transfer agent, whole: every mode of it comes through a few scenarios, and nothing is left behind.

Usage: mta_test.py MXIDENT CLIENT. Exit 77: its packages are not unpacked, or this machine gives no namespaces.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM, CLIENT = sys.argv[1:3]
CLIENTS = pathlib.Path(__file__).resolve().parent.parent / "clients"
# Both reported cases, and one of each family of rules.
SCENARIOS = ["rfc9525/exact-name", "rfc9525/none-of-three-names", "reported/checktls-*", "rfc3207/starttls-missing", "rfc5280/unknown-ca",
             "rfc5321/second-mx-right", "rfc7505/null-mx", "rfc7672/ee-right", "rfc8461/enforce-right"]
BROKEN = ("harness-error", "hang")


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def mounts():
    return [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if "mxident-" in line]


def main():
    manifest = json.loads((CLIENTS / CLIENT / "client.json").read_text())
    cache = pathlib.Path(os.environ.get("MXIDENT_CACHE") or pathlib.Path(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "mxident")
    missing = [name for name in manifest.get("unpack", []) if not (cache / name / ".complete").exists()]
    if missing:
        skip(f"not unpacked: {' '.join(missing)}; scripts/install-clients {CLIENT}")
    before = mounts()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # agents change to users of their own
        temporary = pathlib.Path(folder) / "tmp"
        temporary.mkdir()
        output = pathlib.Path(folder) / "out"
        ran = subprocess.run([PROGRAM, "run", *SCENARIOS, "--client", CLIENT, "--output", str(output)], capture_output=True, text=True,
                             timeout=600, env={**os.environ, "TMPDIR": str(temporary)})
        cells = [json.loads(line) for line in (output / "results.ndjson").read_text().splitlines()]
        cells = [cell for cell in cells if cell.get("type") == "cell"]
        faults = [f"left in the temporary folder: {list(temporary.iterdir())}"] if list(temporary.iterdir()) else []
    reasons = {cell.get("note", "") for cell in cells if cell["outcome"] == "unsupported"}
    if cells and all(cell["outcome"] == "unsupported" for cell in cells) and any(
            "sandbox" in reason or reason.startswith("not installed") for reason in reasons):
        skip(next(iter(reasons)))
    for mode in (mode["id"] for mode in manifest["modes"]):
        own = {cell["scenario"]: cell for cell in cells if cell["mode"] == mode}
        faults += [f"{mode}: {name} ended as {cell['outcome']} ({cell.get('note', '')})" for name, cell in own.items()
                   if cell["outcome"] in BROKEN]
        tried = [cell for cell in own.values() if cell["outcome"] != "unsupported"]
        if not tried:
            faults.append(f"{mode}: no cell was tried: {own and next(iter(own.values())).get('note', '')}")
    if mounts() != before:
        faults.append(f"left mounted: {mounts()}")
    print(*faults, sep="\n")
    print(f"{len(cells)} cells of {CLIENT}")
    if faults:
        print(ran.stderr[-1500:])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
