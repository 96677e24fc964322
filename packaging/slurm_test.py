"""An array of a real Slurm with one node, in namespaces of its own: its tasks are the parts of one run, also when one was killed.

Usage: slurm_test.py SOURCE_DIR PROGRAM. 77: Slurm or MUNGE is not installed, or namespaces are not to be had.
"""
import fcntl
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from spread_test import ASKED, FAULTS, KILLED, PROGRAM, SOURCE, check, lines_of, run, same

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "unshare")
ADDRESS = "10.0.0.1"
CONFIGURATION = """ClusterName=test
SlurmctldHost=node({address})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
NodeName=node NodeAddr={address} CPUs=2 State=UNKNOWN
PartitionName=all Nodes=node Default=YES MaxTime=INFINITE State=UP
"""


def wait_until(what, test, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.2)
    check(False, f"{what} within {seconds} seconds")
    return False


def loopback_up():
    """With an address besides: glibc's AI_ADDRCONFIG, which Slurm asks with, does not count 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", 1, b""))  # SIOCSIFFLAGS, IFF_UP
        address = struct.pack("HH4s8s", socket.AF_INET, 0, socket.inet_aton(ADDRESS), b"")
        fcntl.ioctl(any_socket, 0x8916, struct.pack("16s16s", b"lo:1", address))  # SIOCSIFADDR


class Cluster:
    def __init__(self, folder):
        self.folder, self.daemons = folder, []
        (folder / "state").mkdir()
        (folder / "spool").mkdir()
        key = folder / "munge.key"
        key.write_bytes(b"no secret: of a test, on this loopback only" * 2)
        key.chmod(0o400)
        configuration = folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, address=ADDRESS))
        self.environment = {**os.environ, "SLURM_CONF": str(configuration)}
        self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket",
                   f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/munged.seed")
        wait_until("munged listens", lambda: (folder / "munge.socket").exists())
        self.start("slurmctld", "-D", "-f", configuration)
        self.start("slurmd", "-D", "-N", "node", "-f", configuration)

    def start(self, *words):
        out = (self.folder / f"{words[0]}.out").open("w")
        self.daemons.append(subprocess.Popen([str(word) for word in words], env=self.environment, stdout=out, stderr=out))

    def ask(self, *words):
        done = subprocess.run([str(word) for word in words], env=self.environment, capture_output=True, text=True, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else ""

    def end(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            daemon.wait(timeout=30)

    def logs(self):
        for file in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")]):
            print(f"--- {file.name}\n{file.read_text(errors='replace')[-1500:]}", file=sys.stderr)


def trial(folder):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("TEST_", "CI_NODE", "SLURM", "JOB_"))}
    os.environ.clear()
    os.environ.update(environment, HOME=str(folder))
    run(PROGRAM, "run", *ASKED, "--output", folder / "one")
    run(PROGRAM, "merge", folder / "one/results.ndjson", "--output", folder / "whole")
    fake = folder / "fake"
    # The task's place is in its environment, not in its words.
    fake.write_text(KILLED.replace('case " $* " in\n  *" --shard 2/2 "*)', 'case "$SLURM_ARRAY_TASK_ID" in\n  2)').replace("shard-2/", f"{folder}/out/shard-2/"))
    fake.chmod(0o755)
    cluster = Cluster(folder)
    try:
        if not wait_until("the node is idle", lambda: "idle" in cluster.ask("sinfo", "--noheader", "--format=%t")):
            return cluster.logs()
        cluster.environment.update(MXIDENT=str(fake), REAL=str(PROGRAM), MARK=str(folder / "mark"))
        array = cluster.ask("sbatch", "--parsable", "--array=1-2", f"--output={folder}/task-%a.out", f"--chdir={folder}",
                            SOURCE / "packaging/spread/slurm.sh", folder / "out", *ASKED)
        check(array.isdigit(), f"the array is taken: {array!r}")

        def states():
            said = [line.split() for line in cluster.ask("squeue", "--noheader", "--states=all", f"--jobs={array}", "--format=%K %T").splitlines()]
            return {task[0]: task[1] for task in said if len(task) == 2}
        finished = ("COMPLETED", "FAILED")
        if not wait_until("both tasks end", lambda: len(states()) == 2 and all(state in finished for state in states().values())):
            return cluster.logs()
        check(states() == {"1": "COMPLETED", "2": "FAILED"}, f"one task is done, one was killed: {states()}")
        parts = [folder / f"out/shard-{i}/results.ndjson" for i in (1, 2)]
        torn = parts[1].read_text().rsplit("\n", 1)[0]
        run(PROGRAM, "merge", *parts, "--output", folder / "early", codes=(5,))
        cluster.ask("scontrol", "requeue", f"{array}_2")
        if not wait_until("the task that was killed ends", lambda: states().get("2") == "COMPLETED"):
            return cluster.logs()
        check(parts[1].read_text().startswith(torn), "cells that were done are not run again")
        check(json.loads(parts[1].read_text().splitlines()[0])["shard"] == {"index": 2, "of": 2}, "the task's place is its part")
        run(PROGRAM, "merge", *parts, "--output", folder / "together")
        same(lines_of(folder / "whole/results.ndjson"), lines_of(folder / "together/results.ndjson"), "the array is the one run")
    finally:
        cluster.end()


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool in NEEDED:
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed")
            return 77
    if "--inside" not in sys.argv:
        spaces = ["unshare", "--mount", "--pid", "--net", "--uts", "--fork", "--kill-child", "--mount-proc"]
        if os.geteuid() != 0 or subprocess.run([*spaces, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            print("skipped: Slurm's daemons want root and namespaces of their own")
            return 77
        return subprocess.run([*spaces, sys.executable, "-I", *sys.argv, "--inside"]).returncode
    socket.sethostname("node")
    loopback_up()
    with tempfile.TemporaryDirectory(prefix="mxident-slurm-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        trial(folder)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
