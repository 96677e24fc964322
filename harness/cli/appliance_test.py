"""serve --catalogue and --listen: an agent behind a veth ends every cell as it does in the sandbox, and a hostile one meets limits.

Usage: appliance_test.py MXIDENT AGENT. AGENT is harness/driver/testdata/queue_mta.py. Exit 77 where this is not root with
network namespaces and veth pairs: nothing here leaves namespaces that the test makes itself.
"""
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM, AGENT = sys.argv[1:3]
PYTHON = "/usr/bin/python3"
SCENARIOS = ["reported/checktls-*", "rfc9525/e*", "rfc7505/*", "rfc8461/a*", "rfc5321/*mx-wrong*", "rfc5321/second-mx-r*", "rfc9525/address-in-ip*"]
NETWORK, ONE = "10.9.0.0/18", "127.3.0.1"
SAME = ("outcome", "decision", "sni", "alert")
FAULTS = []


def expect(what, condition, *more):
    if not condition:
        FAULTS.append(what)
        print("FAILED:", what, *more, flush=True)


class Namespace:
    """A network namespace that ends with this object."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        own = os.readlink("/proc/self/ns/net")
        for _ in range(500):
            try:
                if os.readlink(f"/proc/{self.holder.pid}/ns/net") != own:
                    return
            except OSError:
                break
            time.sleep(0.01)
        skip("no network namespace can be made here")

    def words(self, *command):
        return ["nsenter", "-n", "-t", str(self.holder.pid), "--", *command]

    def run(self, *command, **options):
        return subprocess.run(self.words(*command), capture_output=True, text=True, timeout=120, **options)

    def ip(self, words):
        done = self.run("ip", *words.split())
        if done.returncode != 0:
            skip(f"ip {words}: {done.stderr.strip()}")

    def end(self):
        self.holder.kill()
        self.holder.wait()


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def manifest(folder):
    file = folder / "agent.json"
    file.write_text(json.dumps({"id": "agent", "title": "agent", "modes": [
        {"id": "rfc9525", "policy": "rfc9525", "needs": ["dns", "port-25"], "takes": ["domain"], "stdin": "{message}",
         "command": [PYTHON, AGENT, "once", "{dns_address}", "{recipient}"]}]}))
    return str(file)


def cells_of(folder):
    lines = [json.loads(line) for line in (folder / "results.ndjson").read_text().splitlines()]
    return {line["scenario"]: line for line in lines if "outcome" in line}


class Served:
    """mxident serve --listen in a namespace, until it is told to end."""

    def __init__(self, namespace, folder, listen, *options):
        self.folder = folder
        self.stderr = open(folder.parent / (folder.name + ".err"), "w+")
        self.process = subprocess.Popen(
            namespace.words(PROGRAM, "serve", "--catalogue", *options, "--listen", listen, "--policy", "rfc9525",
                            "--output", str(folder)), stdout=subprocess.PIPE, stderr=self.stderr, text=True)
        deadline = time.monotonic() + 60
        while "Serving until" not in self.words():
            if self.process.poll() is not None or time.monotonic() > deadline:
                print("FAILED: it serves nothing:", self.words())
                sys.exit(1)
            time.sleep(0.02)
        self.recipients = [line.split("\t") for line in (folder / "recipients.txt").read_text().splitlines()[1:]]

    def words(self):
        return pathlib.Path(self.stderr.name).read_text()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        output, _ = self.process.communicate(timeout=60)
        return output


def same_verdicts(folder):
    server, appliance = Namespace(), Namespace()
    try:
        server.ip(f"link add v0 type veth peer name v1 netns {appliance.holder.pid}")
        for namespace, device, own in ((server, "v0", 1), (appliance, "v1", 2)):
            namespace.ip("link set lo up")
            namespace.ip(f"addr add 10.9.64.{own}/24 dev {device}")
            namespace.ip(f"link set {device} up")
        server.ip(f"route add local {NETWORK} dev lo")
        appliance.ip(f"route add {NETWORK} via 10.9.64.1")
        served = Served(server, folder / "outside", NETWORK, *SCENARIOS)
        environment = {**os.environ, "SSL_CERT_FILE": str(folder / "outside" / "ca.pem")}
        agents = [subprocess.Popen(appliance.words(PYTHON, AGENT, "once", "10.9.0.1", recipient), env=environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
                  for recipient, *_ in served.recipients]
        for agent in agents:
            agent.communicate("Subject: trial\n\nA message.\n", timeout=120)
        output = served.end()
    finally:
        server.end()
        appliance.end()
    expect("the run's report is printed", "scenarios" in output and "results" in output, output[-500:])
    inside = folder / "inside"
    ran = subprocess.run([PROGRAM, "run", *SCENARIOS, "--client", manifest(folder), "--sanity", "skip", "--baseline", "none",
                          "--policy", "all", "--output", str(inside)], capture_output=True, text=True, timeout=300)
    expect("the sandbox runs the same", (inside / "results.ndjson").exists(), ran.stderr[-500:])
    ours, theirs = cells_of(folder / "outside"), cells_of(inside)
    expect("the same scenarios", set(ours) == set(theirs), set(ours) ^ set(theirs))
    not_served = {key: cell["note"] for key, cell in ours.items() if "not served" in cell.get("note", "")}
    compared = [key for key in ours if key not in not_served]
    expect("at least ten scenarios are compared", len(compared) >= 10, not_served)
    for key in compared:
        for name in SAME:
            a, b = ours[key].get(name), theirs.get(key, {}).get(name)
            expect(f"{key}: {name} is the same", a == b, f"outside {a} ({ours[key].get('note')}), inside {b}")
    outcomes = {ours[key]["outcome"] for key in compared}
    expect("not all are of one kind", len({ours[key].get("decision") for key in compared}) >= 3, outcomes)
    print(f"{len(compared)} scenarios compared, {len(not_served)} not served outside")


HOSTILE = r'''
import resource, socket, sys, time
address, port, recipient = sys.argv[1], int(sys.argv[2]), sys.argv[3]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)

def dial():
    s = socket.create_connection((address, port), timeout=10)
    return s

def talk(s, *lines):
    stream, out = s.makefile("rb"), [s.makefile("rb").readline()]
    for line in lines:
        s.sendall(line.encode() + b"\r\n")
        while True:
            reply = stream.readline()
            if reply[3:4] != b"-":
                break
        out.append(reply)
    return out[-1].decode().strip()

print("foreign", talk(dial(), "EHLO a.test", "MAIL FROM:<a@a.test>", "RCPT TO:<someone@example.net>"))
print("own", talk(dial(), "EHLO a.test", "MAIL FROM:<a@a.test>", f"RCPT TO:<{recipient}>"))
endless = dial()
endless.settimeout(1)
try:
    for _ in range(200):
        endless.sendall(b"x" * 65536)
    print("endless taken", endless.recv(3).decode())
except OSError as error:
    print("endless ended", type(error).__name__)
for _ in range(2):
    busy = dial()
    busy.sendall(b"NOOP\r\n" * 1001)
    while busy.recv(65536):
        pass
    busy.close()
turned, kept = 0, []
begin = time.monotonic()
for _ in range(10000):
    try:
        s = dial()
        s.settimeout(0.0005)
        try:
            if not s.recv(1):
                turned += 1
                s.close()
            else:
                kept.append(s)
        except (socket.timeout, BlockingIOError):
            kept.append(s)
        except OSError:
            turned += 1
            s.close()
    except OSError:
        turned += 1
    if len(kept) > 500:
        kept.pop(0).close()
print("flood", turned, round(time.monotonic() - begin, 1))
for s in kept:
    s.close()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(2000):
    udp.sendto(bytes([i & 255]) * (i % 40), (address, 53))
'''


def hostile(folder):
    namespace = Namespace()
    try:
        namespace.ip("link set lo up")
        namespace.ip("addr add 127.3.0.1/32 dev lo")
        served = Served(namespace, folder / "hostile", ONE, "rfc9525/exact-name", "rfc9525/address-*", "rfc8461/a*", "--rate", "30")
        victim = next(line for line in served.recipients if line[1] == "rfc9525/exact-name")
        recipient, _, host, address, port = victim
        expect("one address has a port for each scenario", int(port) >= 10025 and address == ONE, victim)
        transport = (folder / "hostile" / "transport").read_text()
        expect("the ports are given as a table", f"smtp:{recipient.partition('@')[2]}:{port}" in transport, transport)
        attack = namespace.run(PYTHON, "-c", HOSTILE, address, port, recipient)
        said = dict(line.split(" ", 1) for line in attack.stdout.splitlines())
        print("the hostile appliance:", attack.stdout.replace("\n", "; "), attack.stderr[-500:])
        expect("nothing is relayed", said.get("foreign", "").startswith("550 5.7.1 no recipient of this test server"), attack.stderr)
        expect("its own recipient is taken", said.get("own", "").startswith("250"), said)
        expect("an endless line ends nothing else", "endless" in said, said)
        time.sleep(0.5)  # the rate brings some connections more
        after = namespace.run(PYTHON, "-c", "import socket,sys; s=socket.create_connection((sys.argv[1],int(sys.argv[2])),10);"
                              " s.settimeout(10); print(s.recv(3))", address, port)
        expect("after the flood it answers", "220" in after.stdout, after.stderr)
        memory = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{served.process.pid}/status").read_text())
        expect("memory stays small", int(memory.group(1)) < 400000, memory.group(0))
        output = served.end()
        words = served.words()
        expect("the foreign recipient is named", "someone@example.net" in words, words[-800:])
        turned = re.findall(r"turned away so far: (\d+) connections", words)
        expect("most of a flood is turned away, and told", turned and int(turned[-1]) > 1000, words[-800:])
        cell = cells_of(folder / "hostile")["rfc9525/exact-name"]
        expect("a flooded scenario is not judged", cell["outcome"] == "harness-error" and "flooded" in cell["note"], cell["note"])
        expect("what was not tried makes the run incomplete or failed", served.process.returncode in (3, 5), served.process.returncode)
        expect("it ends in order", output is not None and "terminate" not in words, words[-300:])
    finally:
        namespace.end()


def bad_input(folder):
    rows = [(["serve", "--catalogue", "--listen", "192.0.2.1", "--policy", "rfc9525"], 2, "which is public"),
            (["serve", "--catalogue", "--listen", "10.9.0.0/30", "--policy", "rfc9525"], 2, "a prefix of 8 to 27"),
            (["serve", "--catalogue", "--listen", "10.9.0.1", "--policy", "rfc9526"], 2, "rfc9526"),
            (["serve", "--catalogue", "no/such", "--policy", "rfc9525"], 4, "selects no scenario"),
            (["serve", "--catalogue", "--rate", "5"], 2, "--listen"),
            (["serve"], 2, "wanted a scenario")]
    namespace = Namespace()
    try:
        namespace.ip("link set lo up")
        for arguments, code, words in rows:
            run = namespace.run(PROGRAM, *arguments)
            expect(f"{arguments}: exit {code} and \"{words}\"", run.returncode == code and words in run.stderr, run.returncode, run.stderr)
        run = namespace.run(PROGRAM, "serve", "--catalogue", "rfc9525/exact-name", "--listen", "10.77.0.1", "--policy", "rfc9525")
        expect("an address of another machine is none to listen at", run.returncode != 0 and "10.77.0.1" in run.stderr, run.stderr)
    finally:
        namespace.end()


def in_the_sandbox(folder):
    """The command of serve is the appliance; the results come as a stream."""
    script = ("while IFS='\t' read -r recipient rest; do case $recipient in '#'*) continue;; esac; "
              f"printf 'Subject: trial\\n\\nA message.\\n' | {PYTHON} {AGENT} once \"$0\" \"$recipient\"; done < \"$1\"; exit 0")
    run = subprocess.run([PROGRAM, "serve", "--catalogue", "reported/checktls-*", "--policy", "rfc9525", "--json", "--output",
                          str(folder / "box"), "--", "/bin/sh", "-c", script, "{dns_address}", "{recipients_file}"],
                         capture_output=True, text=True, timeout=300)
    words = [line for line in run.stdout.splitlines() if not (line.startswith("{") and line.endswith("}"))]
    expect("what the command prints stays out of the stream", not words and ": sent" in run.stderr, words, run.stderr[-500:])
    events = [json.loads(line) for line in run.stdout.splitlines() if line not in words]
    kinds = {event.get("event") for event in events}
    expect("the stream tells of scenarios, connections and cells", {"serving", "scenario", "connection", "cell"} <= kinds, kinds, run.stderr[-500:])
    last = {event["scenario"]: event["outcome"] for event in events if event.get("event") == "cell"}
    final = {key: cell["outcome"] for key, cell in cells_of(folder / "box").items()}
    expect("what was streamed is what the file says", all(final.get(key) == outcome for key, outcome in last.items()) and last, last, final)


def without_expectation():
    """A policy whose reference is the address says nothing of mail for a domain: such scenarios are named and counted."""
    outside = "rfc9525/exact-name"
    run = subprocess.run([PROGRAM, "serve", "--catalogue", "rfc9525/address-literal-in-dns-name", outside, "--policy",
                          '{"base":"rfc9525","references":"address"}', "--json", "--end-after", "0.1"], capture_output=True, text=True, timeout=60)
    told = [json.loads(line) for line in run.stdout.splitlines() if f'"scenario":"{outside}"' in line]
    expect("a scenario without an expectation is named and counted",
           [event.get("event") for event in told] == ["scenario"] and "nothing says" in told[0].get("not_served", "")
           and "1 of 2 scenarios are served" in run.stderr and outside in run.stderr, told, run.stderr[-500:])


def main():
    if os.geteuid() != 0:
        skip("this needs root, to make network namespaces")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        without_expectation()
        for part in (bad_input, same_verdicts, in_the_sandbox, hostile):
            begin = time.monotonic()
            part(folder)
            print(f"{part.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


sys.exit(main())
