"""The program under bad input and bad clients: exit codes, sentences, nothing lost, nothing left running.

Usage: program_test.py MXIDENT. Exit 77 where namespaces are refused: external clients cannot be run then.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program_testing import FAULTS, expect

PROGRAM = sys.argv[1]


def mxident(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, **options)


def cells_of(folder):
    lines = (pathlib.Path(folder) / "results.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


def bad_input(folder):
    broken = folder / "broken" / "x"
    broken.mkdir(parents=True)
    (broken / "a.json").write_text('{"id": "x/a", "title": 5}')
    manifest = folder / "bad.json"
    manifest.write_text('{"id": "acme", "title": "A", "modes": [{"id": "m", "policy": "rfc9525", "command": ["x", "{mxhost}"]}]}')
    rows = [
        (["run", "--client", "crul"], 4, 'did you mean "curl"?'),
        (["run", "--client", "curl:nonsense"], 4, "has no mode"),
        (["run", "--client", "curl:"], 4, 'has no mode ""'),
        (["run", "rfc9525/*", "rfc9255", "--client", "curl"], 4, 'did you mean "rfc9525"?'),
        (["run", "--shard", "3/2"], 2, "wanted I/N"),
        (["run", "--jobs", "0"], 2, "--jobs"),
        (["run", "--nonsense"], 2, "--nonsense"),
        (["run", "--report", "htm:x"], 2, '--report: found "htm" (did you mean "html"?)'),
        (["run", "no/such-scenario"], 4, "selects no scenario"),
        (["run", "--scenarios", str(folder / "broken")], 2, "a.json"),
        (["run", "--client", str(manifest)], 2, "unknown placeholder {mxhost}"),
        (["run", "--client", str(folder / "missing.json")], 2, "missing.json"),
        (["check", "--chain", str(manifest), "--ca", str(manifest), "--name", "a.test"], 2, "bad.json"),
        (["explain", "reported/checktls"], 2, "reported/checktls"),
        (["frobnicate"], 2, "frobnicate"),
        ([], 2, "--help"),
    ]
    for arguments, code, words in rows:
        run = mxident(*arguments)
        expect(f"mxident {' '.join(arguments)}: exit {code} and \"{words}\"", run.returncode == code and words in run.stderr, run)
        expect(f"mxident {' '.join(arguments)}: no trace of a crash", "terminate called" not in run.stderr, run)


def batch():
    lines = ['{"id":"1","policy":"rfc9525","san":[{"type":"dns","value":"*.a.test"}],"reference":"mx.a.test"}', "nonsense",
             '{"id":"3","policy":"rfc9525","cn":["mx.a.test"],"san":null,"reference":"mx.a.test"}']
    run = mxident("match", "--batch", input="\n".join(lines) + "\n")
    results = [json.loads(line)["result"] for line in run.stdout.splitlines()]
    expect("match --batch answers every line in order", results == ["match", "error", "mismatch"], run)


def client(folder, name, script, **extra):
    """A manifest around a shell script; it is told where the server is."""
    file = folder / f"{name}.json"
    mode = {"id": "m", "policy": "encrypt", "needs": ["names", "port-25"], "timeout_s": 2,
            "command": ["/bin/sh", "-c", script.replace("{", "{{").replace("}", "}}"), "sh", "{mx_host}"], **extra}
    file.write_text(json.dumps({"id": name, "title": name, "modes": [mode]}))
    return str(file)


def bad_clients(folder):
    rows = [
        ("hangs", "sleep 1000", "hang"),
        ("ignores-sigterm", "trap '' TERM INT; while :; do sleep 1; done", "hang"),
        ("crashes", "kill -SEGV $$", "crash"),
        ("floods", "yes", "hang"),
        ("forks", "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; sleep 1000", "hang"),
        ("daemonises", "setsid sleep 1000 >/dev/null 2>&1 & exit 0", "unsupported"),
    ]
    for name, script, outcome in rows:
        output = folder / f"out-{name}"
        run = mxident("run", "rfc9525/exact*", "--sanity", "skip", "--baseline", "none", "--client", client(folder, name, script),
                      "--client", "mxident:rfc9525", "--output", str(output))
        cells = [cell for cell in cells_of(output) if "scenario" in cell]
        theirs = {cell["outcome"] for cell in cells if cell["client"] == name}
        ours = {cell["outcome"] for cell in cells if cell["client"] == "mxident"}
        expect(f"a client that {name} is recorded as {outcome}", theirs == {outcome}, run)
        expect(f"the run goes on beside a client that {name}", ours == {"pass"}, run)
    outside = pathlib.Path("/var/mxident-written-by-a-client")
    run = mxident("run", "rfc9525/exact-name", "--sanity", "skip", "--baseline", "none", "--client",
                  client(folder, "writes-elsewhere", f"echo x > {outside}"), "--output", str(folder / "out-writes"))
    expect("a client cannot write outside its work directory", not outside.exists(), run)
    expect("and is told so", any("Read-only file system" in cell.get("words", "") for cell in cells_of(folder / "out-writes")), run)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout if pathlib.Path("/bin/ps").exists() else ""
    expect("nothing is left running", "sleep 1000" not in left)


WORKER = r'''token=$MXIDENT_WORKER
printf '\n%s ready 0 0\n' "$token"
tab=$(printf '\t')
while IFS="$tab" read -r directory word rest; do
  case $word in
  dies) kill -KILL $$ ;;
  hangs) sleep 1000 ;;
  floods) yes ;;
  exits) exit 3 ;;
  lies) printf '\nnottoken exit 0 1\n' ;;
  reads) cat "$directory.in"; cat /etc/resolv.conf ;;
  esac
  printf '\n%s exit 0 1\n' "$token"
done
'''


def workers(folder):
    """Jobs that end, hang, flood or lie: each has its own end, and the worker or the next one takes the next."""
    script = folder / "worker.sh"
    script.write_text(WORKER)
    ends = {"does": "none", "dies": "crash", "hangs": "hang", "floods": "hang", "exits": "none", "lies": "none", "reads": "none"}
    modes = [{"id": word, "policy": "opportunistic", "timeout_s": 2, "stdin": "said to {mx_host}\n", "needs": ["names"],
              "command": ["/bin/sh", "-c", "exit 7", word, "{mx_host}"]} for word in ends]
    manifest = folder / "worked.json"
    worked = {"id": "worked", "title": "worked", "modes": modes,
              "worker": {"replaces": ["/bin/sh", "-c", "exit 7"], "command": ["/bin/sh", str(script)]}}
    manifest.write_text(json.dumps(worked))

    def cells(output, *options):
        run = mxident("run", "rfc9525/exact-name", "rfc9525/underscore-exact", "--sanity", "skip", "--baseline", "none", "--client", str(manifest),
                      "--output", str(folder / output), "--jobs", "16", *options)  # else those that hang hold all workers
        return run, [cell for cell in cells_of(folder / output) if "scenario" in cell]

    run, ran = cells("out-workers", "--workers", "on")
    expect("every job has an end", len(ran) == 2 * len(ends), run)
    for cell in ran:
        want = ends[cell["mode"]]
        seen = cell["outcome"] if cell["outcome"] in ("hang", "crash") else "none"
        expect(f"a worker's job that {cell['mode']} is {want}, not {seen}: {cell}", seen == want)
        if cell["mode"] == "reads":
            host = cell["scenario"].split("/")[1]
            expect(f"the job has its own input and name server: {cell['words']}",
                   "said to mx" in cell["words"] and "nameserver 127." in cell["words"] and host in cell["words"])
    worked["worker"]["command"] = ["/bin/sh", "-c", "echo no library"]
    manifest.write_text(json.dumps(worked))
    run, ran = cells("out-no-worker", "--workers", "on")
    run, alone = cells("out-alone")

    def facts(cells):
        return sorted((cell["scenario"], cell["mode"], cell["outcome"], cell["decision"]) for cell in cells)
    expect("cells have their own process where a worker does not start", facts(ran) == facts(alone) and len(ran) == 2 * len(ends), run)
    rows = [({"replaces": ["/bin/bash"], "command": ["x"]}, "begins so"), ({"replaces": ["/bin/sh"], "command": ["x", "{port}"]}, "{port} differs"),
            ({"replaces": ["/bin/sh"], "command": []}, "empty command"), ({"replaces": ["/bin/sh"]}, "command")]
    for worker, words in rows:
        worked["worker"] = worker
        manifest.write_text(json.dumps(worked))
        run = mxident("run", "rfc9525/exact-name", "--client", str(manifest))
        expect(f"worker {worker}: exit 2 and \"{words}\"", run.returncode == 2 and "/worker" in run.stderr and words in run.stderr, run)


def served():
    run = mxident("serve", "rfc9525/exact-name", "--", "getent", "ahosts", "{mx_host}")
    expect("a command among served worlds can look names up", run.returncode == 0 and "127." in run.stdout, run)


def nobody_reads(*arguments):
    """Whoever read the events has gone, while a command has the servers busy: one sentence, and no crash."""
    busy = ("import smtplib, sys\n"
            "for i in range(40): smtplib.SMTP(sys.argv[1], 25, 'client.test').quit()\n")
    process = subprocess.Popen([PROGRAM, "serve", *arguments, "rfc9525/exact-name", "--json", "--", "/usr/bin/python3", "-I", "-c", busy, "127.0.1.1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, restore_signals=False)  # SIGPIPE stays ignored
    while '"serving"' not in process.stdout.readline():
        pass
    process.stdout.close()
    process.stdout = None
    stderr = process.communicate(timeout=120)[1]
    expect(f"serve {arguments}: output that nobody reads is exit code 3", process.returncode == 3 and "standard output" in stderr)


def aliases(folder):
    """A mail host that is an alias, or is spelt in another case, has the port and address of the server behind it."""
    ids = ["rfc9525/mx-alias-head-named", "rfc9525/case-differs-in-dns", "rfc9525/dns-wildcard-is-no-certificate-wildcard"]
    manifest = client(folder, "told", "test $1 = 25 && test -n $2 && exec /usr/bin/python3 -I -c 'import smtplib, sys; "
                      "smtplib.SMTP(sys.argv[1], 25, \"client.test\").sendmail(\"a@client.test\", [\"postmaster\"], \"Subject: x\")' $2",
                      policy="no-tls")
    told = json.loads(pathlib.Path(manifest).read_text())
    told["modes"][0]["command"][-1:] = ["{port}", "{address}"]
    pathlib.Path(manifest).write_text(json.dumps(told))
    output = folder / "out-aliases"
    run = mxident("run", *ids, "--sanity", "skip", "--client", manifest, "--output", str(output))
    outcomes = {cell["scenario"]: cell["outcome"] for cell in cells_of(output) if "scenario" in cell}
    expect("a client is led to the server behind an alias", outcomes == dict.fromkeys(ids, "pass"), run)


def shrinks(folder):
    """A client that checks nothing and claims RFC 9525: a fault of the matrix becomes a small scenario that shows it again."""
    program = folder / "unchecked.py"
    program.write_text("import smtplib, ssl, sys\n"
                       "session = smtplib.SMTP(sys.argv[1], 25, 'client.test')\n"
                       "session.starttls(context=ssl._create_unverified_context())\n"
                       "session.sendmail('a@client.test', ['postmaster'], 'Subject: x')\n")
    manifest = client(folder, "unchecked", f"exec /usr/bin/python3 -I {program} $1", policy="rfc9525")
    output = folder / "out-matrix"
    run = mxident("run", "--matrix", "all", "--cell", "matrix/fragment-middle/dns/three-labels/offered/good", "--sanity", "skip",
                  "--client", manifest, "--output", str(output))
    kept = list((output / "shrunk").glob("*.json")) if (output / "shrunk").is_dir() else []
    expect("a fault of the matrix is shrunk to a file", len(kept) == 1, run)
    if not kept:
        return
    names = json.loads(kept[0].read_text())["certificates"]["mx"]
    expect("which is small", len(json.dumps(names)) < 70, run)
    again = mxident("run", "--scenarios", str(output), "--sanity", "skip", "--baseline", "none", "--client", manifest)
    expect("and shows the fault again", again.returncode == 1 and "1 lax" in again.stdout, again)


def interrupt(folder):
    output = folder / "out-interrupt"
    process = subprocess.Popen([PROGRAM, "run", "rfc9525/*", "--sanity", "skip", "--jobs", "1", "--client", client(folder, "slow", "sleep 1"),
                                "--output", str(output)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    results = output / "results.ndjson"
    for _ in range(600):
        if results.exists() and results.read_text().count("\n") >= 2:
            break
        time.sleep(0.1)
    second = mxident("run", "rfc9525/exact-name", "--client", "mxident:rfc9525", "--output", str(output))
    expect("a second run into the folder is refused", second.returncode == 3 and "another run" in second.stderr, second)
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=60)
    lines = results.read_text()
    expect("SIGINT ends with exit code 5", code == 5)
    expect("every line is whole", lines.endswith("\n") and all(json.loads(line) for line in lines.splitlines()))
    expect("the footer says that the run is incomplete", json.loads(lines.splitlines()[-1]).get("complete") is False)


def same_again(folder):
    """A report of results says what the run said, and a second run into the folder of a first is refused."""
    for arguments in (["rfc9525/cn*", "rfc8461/r*"], ["rfc9525/cn-only", "--repeat", "2"], ["--matrix", "all", "--sample", "60"],
                      ["--matrix", "all", "--sample", "5"]):
        output = folder / "out-again"
        run = mxident("run", *arguments, "--client", "mxident", "--output", str(output))
        report = mxident("report", str(output / "results.ndjson"))
        expect(f"run {' '.join(arguments)}: report prints the same", report.stdout == run.stdout and run.stdout, report)
        expect(f"run {' '.join(arguments)}: and ends the same", report.returncode == run.returncode, report)
    lines = (folder / "out-again" / "results.ndjson").read_text().splitlines(keepends=True)
    torn = folder / "torn.ndjson"
    torn.write_text("".join(lines[:4]) + lines[4][:20])
    run = mxident("report", str(torn))
    expect("a torn file is reported as far as it goes", run.returncode == 5 and "INCOMPLETE" in run.stdout and "cut off" in run.stderr, run)
    torn.write_text("".join(lines[:2]) + "{nonsense\n")
    run = mxident("report", str(torn))
    expect("a broken line has its place", run.returncode == 2 and "line 3, column 3" in run.stderr, run)


def spread(folder):
    """Shards put together are the run in one piece, and every form of a report ends as the run did."""
    arguments = ["rfc9525/cn*", "rfc8461/r*", "--client", "mxident"]
    files = []
    for name, shard in (("whole", []), ("one", ["--shard", "1/2"]), ("two", ["--shard", "2/2"])):
        mxident("run", *arguments, *shard, "--output", str(folder / name))
        files.append(str(folder / name / "results.ndjson"))
    run = mxident("merge", files[1], "--output", str(folder / "merged"))
    expect("a missing shard is exit code 5", run.returncode == 5 and "missing: 2" in run.stderr, run)
    run = mxident("merge", *files[1:], "--output", str(folder / "merged"))
    expect("shards are merged", run.returncode == 0, run)
    merged = folder / "merged" / "results.ndjson"
    run = mxident("diff", files[0], str(merged))
    expect("and are the run in one piece", run.returncode == 0 and " 0 added, 0 gone" in run.stdout, run)

    def lines(file):
        return [{key: value for key, value in json.loads(line).items() if key in ("id", "scenario", "client", "mode", "outcome", "cells")}
                for line in pathlib.Path(file).read_text().splitlines()]
    mxident("merge", files[0], "--output", str(folder / "sorted"))
    expect("line by line", lines(merged) == lines(folder / "sorted" / "results.ndjson"))
    torn = folder / "worse.ndjson"
    torn.write_text(merged.read_text().replace('"outcome":"pass"', '"outcome":"lax"', 3))
    run = mxident("diff", str(merged), str(torn), "--json")
    expect("a diff with news is exit code 1", run.returncode == 1 and json.loads(run.stdout)["regressed"] == 3, run)
    for form in ("csv", "junit", "markdown", "tap"):
        target = folder / f"report.{'xml' if form == 'junit' else form}"
        run = mxident("run", "rfc9525/cn-only", "--client", "mxident", "--report", f"{form}:{target}", "--output", str(folder / "reported"))
        report = mxident("report", str(folder / "reported" / "results.ndjson"), "--format", form)
        expect(f"{form}: run --report and report --format say the same", report.stdout == target.read_text() != "", report)
        expect(f"{form}: exit codes are the same", report.returncode == run.returncode == 0, report)
    run = mxident("run", "rfc9525/cn-only", "--client", "mxident", "--report", "jnit:x")
    expect("an unknown format has a nearest one", run.returncode == 2 and 'did you mean "junit"' in run.stderr, run)


def full_disk(folder):
    """What cannot be written ends with one sentence and exit code 3."""
    full = folder / "out-full"
    full.mkdir()
    (full / "results.ndjson").symlink_to("/dev/full")
    clients = [["--client", "mxident:rfc9525"]]
    if namespaces():
        clients.append(["--sanity", "skip", "--client", client(folder, "sleeps", "sleep 0.2")])
    for chosen in clients:
        run = mxident("run", "rfc9525/c*", *chosen, "--output", str(full))
        expect(f"{chosen}: a full disk is one sentence", run.returncode == 3 and "No space left" in run.stderr.splitlines()[-1], run)
    run = mxident("run", "rfc9525/c*", "--client", "mxident:rfc9525", "--output", "/proc/out")
    expect("a folder that cannot be made is one sentence", run.returncode == 3 and "/proc/out" in run.stderr, run)
    with open("/dev/full", "w") as nowhere:
        for arguments in (["list", "policies"], ["run", "rfc9525/exact-name", "--client", "mxident:rfc9525"]):
            run = subprocess.run([PROGRAM, *arguments], stdout=nowhere, stderr=subprocess.PIPE, text=True, timeout=120)
            expect(f"{arguments}: a full standard output is exit code 3", run.returncode == 3 and "standard output" in run.stderr)
    output = folder / "out-one"
    run = mxident("run", "rfc9525/exact-name", "--client", "mxident:rfc9525", "--output", str(output))
    bad = folder / "bad.ndjson"
    bad.write_text((output / "results.ndjson").read_text().replace('"client":"mxident"', '"client":"../../evil"'))
    run = mxident("baseline", "record", str(bad), "--output", str(folder / "b" / "x"))
    expect("a client of a results file is no path", run.returncode == 2 and "../../evil" in run.stderr and not list(folder.rglob("evil*")), run)


def absent(folder):
    """A client that was named and is not there, or cannot be asked, is no success."""
    for name, more in (("gone", {"version": {"command": ["/no/such/program"], "pattern": "(.*)"}}),):
        file = folder / f"{name}.json"
        mode = {"id": "m", "policy": "encrypt", "command": ["/no/such/program", "{mx_host}"]}
        file.write_text(json.dumps({"id": name, "title": name, "modes": [mode], **more}))
        run = mxident("run", "rfc9525/exact-name", "--client", str(file), "--client", "mxident:rfc9525")
        expect(f"{name}: exit code 1, and it is named", run.returncode == 1 and "could not be tried" in run.stdout, run)


def namespaces():
    probe = mxident("run", "rfc9525/exact*", "--client", "mxident:rfc9525")
    return len(probe.stdout.splitlines()) > 1 and "none" not in probe.stdout.splitlines()[1]


def early_interrupt(folder):
    """Also while the scenarios are still being read, an interrupt ends with exit code 5."""
    slow = folder / "slow" / "x"
    slow.mkdir(parents=True)
    os.mkfifo(slow / "a.json")
    process = subprocess.Popen([PROGRAM, "run", "--scenarios", str(folder / "slow"), "--client", "mxident"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    with open(slow / "a.json", "w"):  # waits until it is being read
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=60)[1]
    expect("an early SIGINT is exit code 5", process.returncode == 5 and "interrupted" in stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bad_input(folder)
        batch()
        early_interrupt(folder)
        same_again(folder)
        spread(folder)
        full_disk(folder)
        absent(folder)
        if not namespaces():
            print("skipped: namespaces are refused here, external clients cannot run")
            return 1 if FAULTS else 77
        served()
        nobody_reads("--catalogue")
        nobody_reads("--catalogue", "--policy", "rfc9525")
        bad_clients(folder)
        workers(folder)
        aliases(folder)
        shrinks(folder)
        interrupt(folder)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
