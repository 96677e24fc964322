"""`repro --live` against the mocks of `serve`, and against what is no mail server: each ends in an answer or one sentence.

Usage: live_test.py MXIDENT. Exit 77 where namespaces are refused.
"""
import json
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program_testing import FAULTS, expect

PROGRAM = sys.argv[1]


def repro(host, *arguments):
    return subprocess.run([PROGRAM, "repro", "--live", host, "--only-read", "--json", *arguments], capture_output=True, text=True, timeout=120)


def shows(host, mx, chain, starttls, names, *arguments):
    run = repro(host, *arguments)
    expect(f"{host}: exit 0", run.returncode == 0, run)
    if run.returncode != 0:
        return
    seen = json.loads(run.stdout)["names"]
    found = [seen["mx_host"]["value"], seen["chain"]["value"], seen["starttls"]["value"], [name["value"] for name in seen["certificate"]]]
    expect(f"{host}: shows {[mx, chain, starttls, names]}, not {found}", found == [mx, chain, starttls, names])


def says(host, words):
    run = repro(host)
    expect(f"{host}: exit 2 and \"{words}\"", run.returncode == 2 and words in run.stderr and len(run.stderr.splitlines()) == 1, run)


# What is done in the world of a scenario, told the MX host: no packet leaves it, and every name is its own.
def wrong_name(host):
    shows(host, host, "trusted", "offered", ["CN *.xxxcn.test", "dns:*.xxxcn.test", "dns:xxxcn.test"])


def without_starttls(host):
    shows(host, host, "trusted", "missing", [])


def expired_and_absent(host):
    address = socket.gethostbyname(host)
    shows(host, host, "expired", "offered", ["dns:" + host])
    shows(address, "mx1.recipient.test", "expired", "offered", ["dns:" + host])
    shows(address, "mx.stated.test", "expired", "offered", ["dns:" + host], "--mx", "mx.stated.test")
    says(f"{host}:26", "refused the connection")
    with socket.socket() as listener:  # takes connections, and says nothing ever
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        says(f"127.0.0.1:{listener.getsockname()[1]}", "127.0.0.1")


WORLDS = {"reported/checktls-wildcard-of-another-domain": wrong_name, "rfc3207/starttls-missing": without_starttls,
          "rfc5280/expired-leaf": expired_and_absent}


def main():
    if len(sys.argv) > 2:
        WORLDS[sys.argv[2]](sys.argv[3])
        return 1 if FAULTS else 0
    for world in WORLDS:
        run = subprocess.run([PROGRAM, "serve", world, "--", sys.executable, "-I", __file__, PROGRAM, world, "{mx_host}"],
                             capture_output=True, text=True, timeout=200)
        if run.returncode != 0 and "namespace" in run.stderr and "FAILED" not in run.stdout:
            print("skipped: namespaces are refused here:", run.stderr.strip())
            return 77
        print(run.stdout[-4000:])
        expect(f"{world}: all of it is as it should be", run.returncode == 0, run)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
