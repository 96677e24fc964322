"""Runs in parts by GNU parallel, as packaging/spread/ has them: the parts together are one run, also when one was killed.

Usage: spread_test.py SOURCE_DIR PROGRAM. 77: GNU parallel is not installed.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE, PROGRAM = map(pathlib.Path, sys.argv[1:3])
ASKED = ["rfc5321/*", "--client", "mxident:rfc9525", "--client", "mxident:dane", "--jobs", "2"]
FAULTS = []
# What differs from run to run. A certificate is minted anew; events hold times, addresses that follow from a cell's place in its part,
# and who was the first to close.
TIMES = {"duration_ms", "cpu_ms", "wall_s", "client_cpu_s", "harness_cpu_s", "certificate", "events"}
# Stands for the program. The second part is killed the first time, with a torn line at the end of what it has written.
KILLED = """#!/bin/sh
case " $* " in
  *" --shard 2/2 "*)
    if [ ! -e "$MARK" ]; then
      touch "$MARK"
      "$REAL" "$@"
      head -c -700 shard-2/results.ndjson >torn && mv torn shard-2/results.ndjson
      kill -9 $$
    fi ;;
esac
exec "$REAL" "$@"
"""


def check(truth, what):
    print("right:" if truth else "FAILED:", what, flush=True)
    if not truth:
        FAULTS.append(what)


def run(*words, codes=(0,), **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=240, **more)
    if done.returncode not in codes:
        check(False, f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def lines_of(file):
    """The file but for times."""
    def bare(value):
        if isinstance(value, dict):
            return {key: bare(inner) for key, inner in value.items() if key not in TIMES}
        return [bare(inner) for inner in value] if isinstance(value, list) else value
    return [bare(json.loads(line)) for line in file.read_text().splitlines()]


def same(one, other, what):
    differ = [(a, b) for a, b in zip(one, other) if a != b]
    check(len(one) == len(other) and not differ, f"{what}: {len(one)} and {len(other)} lines, {len(differ)} differ {str(differ[:1])[:600]}")


def main():
    if shutil.which("parallel") is None:
        print("skipped: GNU parallel is not installed")
        return 77
    script = SOURCE / "packaging/spread/parallel.sh"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("TEST_", "CI_NODE", "SLURM", "JOB_"))}
        environment.update(HOME=str(folder), MXIDENT=str(PROGRAM), AT_ONCE="2")
        run(PROGRAM, "run", *ASKED, "--output", folder / "one", env=environment)
        # Cells are written as they end, and put in order by merge.
        run(PROGRAM, "merge", folder / "one/results.ndjson", "--output", folder / "whole")
        one = lines_of(folder / "whole/results.ndjson")
        check(len(one) > 40, f"the run has {len(one)} lines")
        for parts in ("1", "2", "4"):
            run(script, parts, folder / parts, *ASKED, env=environment)
            same(one, lines_of(folder / parts / "whole/results.ndjson"), f"{parts} parts are the one run")

        fake = folder / "fake"
        fake.write_text(KILLED)
        fake.chmod(0o755)
        killing = {**environment, "MXIDENT": str(fake), "REAL": str(PROGRAM), "MARK": str(folder / "mark")}
        done = run(script, "2", folder / "killed", *ASKED, env=killing, codes=(5,))
        check("shard-2" in done.stderr or "2 of 2" in done.stderr, f"the part that was killed is named: {done.stderr[-300:]}")
        first = (folder / "killed/shard-1/results.ndjson").stat()
        torn = (folder / "killed/shard-2/results.ndjson").read_text().rsplit("\n", 1)[0]
        run(script, "2", folder / "killed", *ASKED, env=killing)
        same(one, lines_of(folder / "killed/whole/results.ndjson"), "killed and run again is the one run")
        check((folder / "killed/shard-1/results.ndjson").stat().st_mtime_ns == first.st_mtime_ns, "the whole part is not run again")
        check((folder / "killed/shard-2/results.ndjson").read_text().startswith(torn), "cells that were done are not run again")

        # A task of an array that Slurm would start.
        array = {**environment, "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "2",
                 "SLURM_ARRAY_TASK_MAX": "3"}
        done = run(SOURCE / "packaging/spread/slurm.sh", folder / "array", *ASKED, env=array)
        check("shard 2/2, as SLURM_ARRAY_TASK_ID and" in done.stderr, "a task of an array says whose word it took")
        head = json.loads((folder / "array/shard-3/results.ndjson").read_text().splitlines()[0])
        check(head["shard"] == {"index": 2, "of": 2}, "and is that part")
        run(SOURCE / "packaging/spread/slurm.sh", folder / "array", env=environment, codes=(2,))
        done = run(PROGRAM, "run", *ASKED, env={**environment, "JOB_COMPLETION_INDEX": "4", "JOB_COMPLETIONS": "4"}, codes=(2,))
        check("wanted 0 to 3" in done.stderr, "a place out of range is refused")
        status = folder / "heard"
        run(PROGRAM, "run", "rfc5321/*", "--client", "mxident:rfc2818", codes=(0,), env={
            **environment, "TEST_SHARD_INDEX": "0", "TEST_TOTAL_SHARDS": "9", "TEST_SHARD_STATUS_FILE": str(status)})
        check(status.exists(), "Bazel is told that it was heard")
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
