"""The commands that look things up: full disks, words that are no command, interrupts, what explain knows.

Usage: commands_test.py MXIDENT. Needs no namespaces.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
FAULTS = []
CASE = "reported/checktls-wildcard-of-another-domain"


def fault(text):
    FAULTS.append(text)
    print("FAILED:", text)


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, **options)


def full_disk(folder):
    (folder / "limbo.json").write_text('{"version": 1, "testcases": []}')
    rows = [
        ["--help"], ["--version"], ["list", "--help"], ["list", "rules"], ["list", "scenarios", "--json"], ["explain", "D5"],
        ["explain", CASE], ["match", "--san", "dns:a.test", "--reference", "a.test"], ["mint", CASE, "--output", str(folder / "c")],
        ["check", "--chain", str(folder / "chain/mx.pem"), "--ca", str(folder / "chain/root.pem"), "--mx", "mx1.xxxcn.test"],
    ]
    batch = '{"policy":"rfc9525","san":[],"reference":"a.test"}\n'
    run("mint", CASE, "--output", str(folder / "chain"))
    for arguments, words in [*((row, "") for row in rows), (["match", "--batch"], batch), (["limbo"], (folder / "limbo.json").read_text())]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, *arguments], input=words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
        one_sentence = done.stderr.startswith("mxident: ") and done.stderr.count("\n") == 1
        if done.returncode != 3 or not one_sentence:
            fault(f"{' '.join(arguments)} > /dev/full: exit {done.returncode}, \"{done.stderr.strip()}\"; wanted one sentence and 3")


def unwritable(folder):
    """Where the disk refuses a file the code is 3; what there is nothing to say of is no success."""
    rows = [(["mint", CASE, "--output", "/proc/out"], 3, "/proc/out: cannot be made"),
            (["run", CASE, "--client", "mxident:rfc9525", "--report", "junit:/proc/out/"], 3, "/proc/out: cannot be made"),
            (["run", CASE, "--client", "mxident:rfc9525", "--report", "csv:/proc/out/cells.csv"], 3, "/proc/out: cannot be made"),
            (["run", "--matrix", "all", "--sample", "1", "--write", "/proc/out"], 3, "cannot be made"),
            (["repro", "--only-read", "--mx", "mx1.x.test", "--san", "dns:a.test", "--save", "/proc/out.json"], 3, "/proc/out.json: cannot be written"),
            (["verify", "--batch"], 4, "names no domain"),
            (["run", "--matrix", "all", "--sample", "0"], 2, "not in range 1 to 1000000000"),
            (["run", CASE, "--client", "mxident:rfc9525", "--output", ""], 2, "--output: found an empty value"),
            (["run", CASE, "--client", "mxident:rfc9525", "--shard", ""], 2, "--shard: found an empty value"),
            (["check", "--chain", "chain.pem", "--name", ""], 2, "--name: found an empty value"),
            (["report", ""], 2, "results: found an empty value")]
    for arguments, code, words in rows:
        done = run(*arguments, stdin=subprocess.DEVNULL)
        if done.returncode != code or words not in done.stderr:
            fault(f"{' '.join(arguments)}: exit {done.returncode}, \"{done.stderr.strip()}\"; wanted {code} and \"{words}\"")
    policy = folder / "policy.txt"
    policy.write_text("version: STSv1\nmode: on\n")
    done = run("check", "--chain", str(folder / "chain/mx.pem"), "--mx", "mx1.a.test", "--policy", "mta-sts", "--sts-policy", str(policy))
    if done.returncode != 2 or 'found "on", wanted enforce' not in done.stderr:
        fault(f"check --sts-policy: exit {done.returncode}, {done.stderr}")


def no_command():
    rows = [(["nonsense", "--help"], 2), (["lsit", "--help"], 2), (["baseline", "rekord", "--help"], 2), (["--help"], 0), (["list", "--help"], 0),
            (["help"], 2), (["baseline", "record", "--help"], 0)]
    for arguments, code in rows:
        done = run(*arguments)
        if done.returncode != code or (code == 2 and "which is no command" not in done.stderr):
            fault(f"{' '.join(arguments)}: exit {done.returncode}, wanted {code}: {done.stderr}")


def catches(pid, number):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("SigCgt:")[1].split()[0], 16) >> (number - 1) & 1


def interrupted():
    for arguments in (["match", "--batch"], ["limbo"]):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            while not catches(process.pid, number):
                time.sleep(0.001)  # it has not begun: until then a signal is the system's
            process.send_signal(number)
            code = process.wait(timeout=30)
            process.stdin.close()
            if code != 5:
                fault(f"{' '.join(arguments)} interrupted by {number}: exit {code}, wanted 5")


def no_option():
    rows = [(["run", "--clinet", "x"], '"--clinet", which is no option of "mxident run" (did you mean "--client"?)'),
            (["check", "--sann", "dns:a.test"], 'no option of "mxident check"'),
            (["report", "--fromat=text"], 'did you mean "--format"?'),
            (["baseline", "record", "--outptu", "x"], 'see "mxident baseline record --help"'),
            (["verify", "-policy", "dane", "a.test"], 'did you mean "--policy"?'),
            (["check", "--mx", "a.test"], 'see "mxident check --help"'),
            (["--versoin"], 'no option of "mxident" (did you mean "--version"?)')]
    for arguments, words in rows:
        done = run(*arguments)
        if done.returncode != 2 or words not in done.stderr or done.stderr.count("\n") != 1:
            fault(f"{' '.join(arguments)}: exit {done.returncode}, \"{done.stderr.strip()}\"; wanted {words}")


def out_of_range(folder):
    rows = [["verify", "--timeout", "nan", "a.test"], ["verify", "--pause", "-nan", "--batch"], ["verify", "--port", "0", "a.test"],
            ["verify", "--https-port", "0", "a.test"], ["learn", "curl", "--minutes", "nan"], ["serve", "--rate", "nan", CASE],
            ["check", "--chain", str(folder / "chain/mx.pem"), "--mx", "a.test", "--senders", "--baselines", str(folder / "nowhere")],
            ["list", "reasons", "sts*"], ["verify", "--mx", "a.test:465", "--policy", "no-tls"]]
    for arguments in rows:
        done = run(*arguments)
        if done.returncode != 2 or done.stdout or done.stderr.count("\n") != 1:
            fault(f"{' '.join(arguments)}: exit {done.returncode}, \"{done.stderr.strip()}\"; wanted one sentence and 2")


def bad_words(folder):
    """What no option can take is refused with the words that were found, before anything is done."""
    server = ["check", "--chain", str(folder / "chain/mx.pem")]
    repro = ["repro", "--san", "dns:a.test"]
    verify = ["verify", "--resolver", "127.0.0.1:1"]  # where nobody listens: a fault of this test asks nobody either
    rows = [([*verify, "user@base.test"], 'found "user@base.test", wanted a domain or an address literal'),
            ([*verify, "--helo", "a b", "a.test"], '--helo: found "a b", wanted'),
            ([*verify, "--policy", "nope", "a.test"], 'mxident: --policy: found "nope"'),
            (["match", "--policy", "nope", "--reference", "a.test"], 'mxident: --policy: found "nope"'),
            ([*server, "--policy", "nope"], 'mxident: --policy: found "nope"'),
            (["serve", "--catalogue", "--policy", "nope"], 'mxident: --policy: found "nope"'),
            ([*server, "--name", "user@x"], '--name: found "user@x", wanted a host name or an address'),
            ([*server, "--name", "a.test", "--name", "a..test"], '--name: found "a..test"'),
            ([*server, "--mx", "a.test:25"], '--mx: found "a.test:25"'),
            ([*server, "--domain", "x@a.test", "--name", "a.test"], '--domain: found "x@a.test"'),
            ([*repro, "--mx", "a b", "--only-read"], '--mx: found "a b", wanted a host name'),
            ([*repro, "--mx", "a b", "--client", "mxident:rfc9525"], '--mx: found "a b", wanted a host name'),
            ([*repro, "--mx", "a.test", "--domain", "a b", "--only-read"], '--domain: found "a b", wanted a domain'),
            (["list", "scenarios", "--coverage"], "--coverage: wanted it with rules only, found it with scenarios"),
            (["list", "scenarios", "--client", "curl"], "--client: wanted it with tests"),
            (["list", "rules", "--group-by", "section"], "--group-by: wanted it with tests"),
            (["list", "reasons", "--scenarios", "/tmp"], "--scenarios: wanted it with scenarios, tests or rules --coverage only"),
            ([*verify, "--trust-anchor", ". DS 1 8 2 zz", "a.test"], '--trust-anchor: found ". DS 1 8 2 zz", wanted a digest in hexadecimal')]
    for arguments, words in rows:
        done = run(*arguments)
        if done.returncode != 2 or words not in done.stderr or done.stdout or done.stderr.count("\n") != 1:
            fault(f"{' '.join(arguments)}: exit {done.returncode}, \"{done.stderr.strip()}\"; wanted {words}")


def san_lines():
    """The names in one word, as openssl prints them."""
    line = "DNS:*.a.test, DNS:b.test, IP Address:192.0.2.1"
    for reference, code in (("b.test", 0), ("x.a.test", 0), ("192.0.2.1", 0), ("c.test", 1)):
        done = run("match", "--san", line, "--reference", reference)
        if done.returncode != code:
            fault(f"match --san \"{line}\" --reference {reference}: exit {done.returncode}, {done.stdout}{done.stderr}")
    done = run("repro", "--mx", "mx.b.test", "--san", line, "--only-read")
    if done.returncode != 0 or "dns:*.a.test" not in done.stdout or "dns:b.test" not in done.stdout or ", DNS:" in done.stdout:
        fault(f"repro --san \"{line}\": exit {done.returncode}, {done.stdout}{done.stderr}")


def options_before_words(folder):
    """An option that may be repeated takes one value at a time: the word behind it is the command's own."""
    shipped = str(pathlib.Path(__file__).parents[2] / "scenarios")
    for arguments in (["explain", "--scenarios", shipped, CASE], ["list", "--scenarios", shipped, "scenarios"],
                      ["mint", "--output", str(folder / "before"), "--scenarios", shipped, CASE]):
        done = run(*arguments)
        if done.returncode != 0:
            fault(f"{' '.join(arguments)}: exit {done.returncode}, \"{done.stderr.strip()}\"")
    done = run("verify", "--policy", "none", "--ca", str(folder / "chain/root.pem"), "a.test")
    if "which is no policy" not in done.stderr:
        fault(f"verify --ca FILE DOMAIN: \"{done.stderr.strip()}\"; wanted a domain and a fault of the policy")


def explained():
    rows = [("certificate-host-mismatch", "RFC 8460"), ("RFC 8461 3.1", "sts-record"), ("dane-no-match", "usual causes"), ("D5", "public suffix"),
            ("rfc6125", "RFC 6125 6"), ("rfc9525-2-no-cn", "must"), (CASE, "*.xxxcn.test"),
            ("curl:ssl-reqd", "claims rfc"), ("RFC 3207 4.1, RFC 7435", "section RFC 7435"),
            ("STARTTLS=client, relay=mx.test., version=TLSv1.3, verify=OK, bits=256", "Nothing was proved of the name"),
            ("s-nail: TLS certificate does not match: mx5.xxxmx.test:25", "name failed")]
    for word, part in rows:
        done = run("explain", word)
        if done.returncode != 0 or part not in done.stdout:
            fault(f"explain {word}: exit {done.returncode}, \"{part}\" is not in {done.stdout}{done.stderr}")
        machine = run("explain", word, "--json")
        if machine.returncode != 0 or not machine.stdout.startswith("{"):
            fault(f"explain {word} --json: {machine.stdout}{machine.stderr}")
    done = run("explain", "certificate-host-mismach")
    if done.returncode != 2 or 'did you mean "certificate-host-mismatch"?' not in done.stderr:
        fault(f"a mistyped word: exit {done.returncode}, {done.stderr}")
    for word in ("", ",", "/"):
        done = run("explain", word)
        if done.returncode != 2 or "did you mean" in done.stderr:
            fault(f"explain \"{word}\": exit {done.returncode}, {done.stderr}")


def widths():
    for arguments in (["list", "rules"], ["list", "policies"], ["list", "reasons"], ["list", "decisions"], ["list", "scenarios", "rfc9525"], ["run", "--help"]):
        done = run(*arguments, env={**os.environ, "COLUMNS": "80"})
        wide = [line for line in done.stdout.splitlines() if len(line) > 80]
        if done.returncode != 0 or wide:
            fault(f"{' '.join(arguments)} in 80 columns: exit {done.returncode}, {wide[:2]}")


def main():
    with tempfile.TemporaryDirectory() as name:
        full_disk(pathlib.Path(name))
        unwritable(pathlib.Path(name))
        options_before_words(pathlib.Path(name))
        out_of_range(pathlib.Path(name))
        bad_words(pathlib.Path(name))
    no_command()
    no_option()
    interrupted()
    explained()
    san_lines()
    widths()
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
