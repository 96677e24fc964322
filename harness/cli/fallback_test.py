"""The fallback, on a machine that has a mail server of its own: nobody may ever knock at its door.

In a network namespace of its own, where something listens on port 25 (and 53, 443, 465, 587) of every address that a
scenario could state, the program runs with MXIDENT_SANDBOX=none.

Usage: fallback_test.py MXIDENT. Exit 77: this machine gives no network namespace.
"""
import fcntl
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading

PORTS = (25, 53, 443, 465, 587)
# The networks of the scenarios' addresses (RFC 5737). An address of the loopback interface makes its network local.
NETWORKS = ("192.0.2.1", "198.51.100.1", "203.0.113.1")
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C


def bring_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        def address(text):
            return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))

        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", 0x41))  # IFF_UP | IFF_RUNNING
        for number, network in enumerate(NETWORKS, 1):
            name = f"lo:{number}".encode()
            fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16s16s", name, address(network)))
            fcntl.ioctl(control, SIOCSIFNETMASK, struct.pack("16s16s", name, address("255.255.255.0")))


class Machine:
    """What the machine itself serves: it notes whoever comes."""

    def __init__(self):
        self.visits = []
        self.sockets = []
        for port in PORTS:
            self.add(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", port))
            self.add(socket.AF_INET6, socket.SOCK_STREAM, ("::", port))
        self.add(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 53))
        threading.Thread(target=self.watch, daemon=True).start()

    def add(self, family, kind, at):
        listener = socket.socket(family, kind)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(at)
        if kind == socket.SOCK_STREAM:
            listener.listen(64)
        self.sockets.append(listener)

    def watch(self):
        while True:
            for ready in select.select(self.sockets, [], [])[0]:
                if ready.type == socket.SOCK_DGRAM:
                    ready.recvfrom(4096)
                    self.visits.append(ready.getsockname())
                    continue
                visitor, _ = ready.accept()
                self.visits.append(visitor.getsockname())
                visitor.close()


def run(program, *arguments):
    return subprocess.run([program, *arguments], env={**os.environ, "MXIDENT_SANDBOX": "none"}, capture_output=True,
                          text=True, timeout=240)


def cells_of(folder):
    lines = [json.loads(line) for line in (pathlib.Path(folder) / "results.ndjson").read_text().splitlines()]
    return [line for line in lines if "outcome" in line]


def main(program):
    bring_up()
    machine = Machine()
    with socket.create_connection(("192.0.2.241", 25), timeout=10) as check:
        check.recv(1)
    if len(machine.visits) != 1:
        sys.exit("the machine's own server does not see who comes")
    machine.visits.clear()
    faults = []

    with tempfile.TemporaryDirectory() as folder:
        ran = run(program, "run", "rfc9525/*", "rfc7672/*", "rfc8461/*", "rfc5321/*", "--client", "mxident", "--policy", "all",
                  "--baseline", "none", "--output", folder)
        cells = cells_of(folder)
        if ran.returncode != 0:
            faults.append(f"run ended with {ran.returncode}: {ran.stdout[-1500:]}{ran.stderr[-1500:]}")
        # A host that is no reference identifier is not dialled; in namespaces these cells end so, too.
        left_alone = [cell for cell in cells if cell["outcome"] == "unsupported" and cell["note"].startswith("the client made no connection")]
        wrong = [cell for cell in cells if cell["outcome"] not in ("pass", "either") and cell not in left_alone]
        if len(left_alone) > 40:
            faults.append(f"{len(left_alone)} cells made no connection")
        faults += [f"{cell['scenario']} {cell['mode']}: {cell['outcome']} {cell.get('note', '')}" for cell in wrong[:20]]
        if len(cells) < 500:
            faults.append(f"only {len(cells)} cells ran")
    finger = run(program, "fingerprint", "mxident:rfc9525", "mxident:no-tls")
    if finger.returncode != 0:
        faults.append(f"fingerprint ended with {finger.returncode}: {finger.stderr[-500:]}")

    # A program of one's own that looks the host up by itself would go out into the world.
    with tempfile.TemporaryDirectory() as folder:
        manifest = pathlib.Path(folder) / "client.json"
        manifest.write_text(json.dumps({
            "id": "own", "title": "Dials by name", "engine": "none",
            "modes": [{"id": "by-name", "policy": "encrypt", "command": ["/usr/bin/python3", "-c", "import socket; "
                       "socket.create_connection(('127.0.0.1', 25))", "{mx_host}"]}]}))
        ran = run(program, "run", "rfc9525/address-*", "--client", str(manifest), "--baseline", "none", "--output", folder)
        ended = {(cell["outcome"], cell.get("note", "")) for cell in cells_of(folder)}
        if not ended or any(outcome != "unsupported" or "{address}" not in note for outcome, note in ended):
            faults.append(f"a program that is handed no address: {ended}")

    served = run(program, "serve", "rfc9525/a-hundred-names", "--", "/usr/bin/python3", "-c",
                 "import socket; socket.create_connection(('127.0.0.1', 25))")
    if served.returncode != 3 or "namespaces only" not in served.stderr:
        faults.append(f"serve ran a command: {served.returncode} {served.stderr}")

    if machine.visits:
        faults.append(f"{len(machine.visits)} connections came to the machine's own servers: {sorted(set(machine.visits))[:10]}")
    print(f"{len(cells)} cells of the built-in verifier, {len(machine.visits)} visits")
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) == 2:
        inside = ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
            print("skipped: no network namespace can be made here")
            sys.exit(77)
        os.execvp("unshare", [*inside, sys.executable, "-I", __file__, sys.argv[1], "inside"])
    sys.exit(main(sys.argv[1]))
