#!/usr/bin/python3 -I
"""What each report, diff and merge take of memory and time for results of many cells.

usage: report_memory.py MXIDENT [MODESxSCENARIOS ...]       default: 10x10000 10x100000 100x10000

Makes results of that size (3 of 100 cells are faults, 1 of 100 is news), another run of the same cells and two shards, and
prints the peak of resident memory of each command and its CPU time.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from generated_results import write_results, write_shards

TALK = (("connected", ""), ("received", "EHLO client.test\r\n"), ("handshake", "TLSv1.3 TLS_AES_256_GCM_SHA384"))
FORMATS = ("badge", "csv", "html", "junit", "markdown", "sarif", "senders", "tap")


def peak(*command):
    """MiB, seconds, exit code."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, process.returncode


def measure(mxident, modes, scenarios):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        old, new = folder / "old.ndjson", folder / "new.ndjson"
        write_results(old, modes, scenarios, TALK)
        write_results(new, modes, scenarios, TALK, seed=2)
        print(f"{modes} modes x {scenarios} scenarios: {modes * scenarios} cells, {old.stat().st_size >> 20} MiB", flush=True)

        def show(what, *command):
            memory, seconds, code = peak(mxident, *command)
            print(f"  {what:14} {memory:7.0f} MiB {seconds:7.1f} s{'' if code in (0, 1) else f', exit code {code}'}", flush=True)
        show("console", "report", old)
        for form in FORMATS:
            show(form, "report", old, "--format", form)
        for form in ("text", "json", "markdown", "html"):
            show(f"diff {form}", "diff", old, new, "--format", form)
        new.unlink()
        shards = write_shards(old, folder, 2)
        old.unlink()
        show("merge", "merge", *shards, "--output", folder / "whole")


def main():
    for size in sys.argv[2:] or ("10x10000", "10x100000", "100x10000"):
        measure(sys.argv[1], *map(int, size.split("x")))


if __name__ == "__main__":
    main()
