"""A mail transfer agent for tests of the daemon driver: a queue, MX look-up, STARTTLS with Python's own checks.

queue_mta.py serve DIRECTORY DNS-ADDRESS [FAULT]    takes messages at DIRECTORY/submit and prints a log
queue_mta.py submit DIRECTORY RECIPIENT < MESSAGE   hands one over
queue_mta.py once DNS-ADDRESS RECIPIENT < MESSAGE   delivers it in this process

FAULT: dies-of-one (of the message to FATAL), dies-of-all, hangs, forgets, keeps, never-ready, refuses, fills, shouts. Trust is the system's.
"""
import concurrent.futures
import os
import random
import smtplib
import socket
import ssl
import struct
import sys
import threading
import time

SENDER = "sender@client.test"
A, CNAME, MX, AAAA = 1, 5, 15, 28
ATTEMPT_S, PATIENCE_S = 2.0, 8.0
ROOM = 3  # messages in a queue that fills
FATAL = "@exact-name.test"
COMPANY_S = 1.0  # how long that message waits for others


class Deferred(Exception):
    pass


class Bounced(Exception):
    pass


def read_name(message, at):
    labels, end, jumps = [], None, 0
    while True:
        size = message[at]
        if size >= 0xC0:
            end = end or at + 2
            at = struct.unpack("!H", message[at:at + 2])[0] & 0x3FFF
            jumps += 1
            if jumps > 50:
                raise Deferred("a DNS name without end")
        elif size == 0:
            return ".".join(labels), end or at + 1
        else:
            labels.append(message[at + 1:at + 1 + size].decode("latin-1"))
            at += 1 + size


def exchange(server, query):
    for _ in range(2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(ATTEMPT_S)
            udp.connect((server, 53))
            try:
                udp.send(query)
                reply = udp.recv(4096)
            except OSError:
                continue
        if reply[:2] != query[:2]:
            continue
        if not reply[2] & 2:
            return reply
        with socket.create_connection((server, 53), timeout=ATTEMPT_S) as tcp:
            tcp.sendall(struct.pack("!H", len(query)) + query)
            stream = tcp.makefile("rb")
            return stream.read(struct.unpack("!H", stream.read(2))[0])
    raise Deferred("the name server does not answer")


def look_up(server, name, kind):
    """Response code and the data of the records of that kind, aliases followed as the reply has them."""
    question = b"".join(bytes([len(label)]) + label.encode("latin-1") for label in name.rstrip(".").split(".") if label)
    query = struct.pack("!HHHHHH", random.randrange(65536), 0x0100, 1, 0, 0, 0) + question + b"\0" + struct.pack("!HH", kind, 1)
    try:
        reply = exchange(server, query)
        rcode, answers = reply[3] & 15, struct.unpack("!H", reply[6:8])[0]
        _, at = read_name(reply, 12)
        at += 4
        found = []
        for _ in range(answers):
            _, at = read_name(reply, at)
            record, _, _, size = struct.unpack("!HHIH", reply[at:at + 10])
            at += 10
            if record == kind:
                found.append((reply, at, size))
            at += size
    except (struct.error, IndexError, OSError) as error:
        raise Deferred(f"the name server's reply cannot be read: {error}") from error
    return rcode, found


def mail_hosts(server, domain):
    rcode, records = look_up(server, domain, MX)
    if rcode == 3:
        raise Bounced("there is no such domain")
    if rcode != 0:
        raise Deferred(f"the look-up of the domain failed with {rcode}")
    if not records:
        return [domain]
    hosts = sorted((struct.unpack("!H", reply[at:at + 2])[0], read_name(reply, at + 2)[0]) for reply, at, _ in records)
    if hosts[0][1] == "":
        raise Bounced("the domain takes no mail")
    return [host for _, host in hosts]


def addresses(server, host):
    out = []
    for kind, family in ((AAAA, socket.AF_INET6), (A, socket.AF_INET)):
        rcode, records = look_up(server, host, kind)
        if rcode not in (0, 3):
            raise Deferred(f"the look-up of {host} failed with {rcode}")
        out += [socket.inet_ntop(family, reply[at:at + size]) for reply, at, size in records]
    return out


def send_to(address, host, recipient, message):
    context = ssl.create_default_context()
    client = smtplib.SMTP(local_hostname="client.test", timeout=PATIENCE_S)
    try:
        client.connect(address, 25)
        client._host = host
        client.starttls(context=context)
        client.ehlo()
        client.sendmail(SENDER, [recipient], message)
        client.quit()
    finally:
        client.close()


def deliver(server, recipient, message):
    domain = recipient.partition("@")[2]
    if domain.startswith("["):
        literal = domain[1:-1].removeprefix("IPv6:")
        routes = [(literal, [literal])]
    else:
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise Bounced(f"the domain is none: {error}") from error
        routes = [(host, None) for host in mail_hosts(server, domain)]
    fault = Deferred("no host has an address")
    for host, known in routes:
        for address in known if known is not None else addresses(server, host):
            try:
                return send_to(address, host, recipient, message)
            except smtplib.SMTPResponseException as error:
                fault = Bounced(f"{host} answers {error.smtp_code} {error.smtp_error!r}")
            except (OSError, ValueError, smtplib.SMTPException) as error:
                fault = Deferred(f"{host}: {type(error).__name__}: {error}")
    raise fault


def log(text):
    print(text.replace("\n", " "), flush=True)


def outcome(server, recipient, message):
    try:
        deliver(server, recipient, message)
        return "sent"
    except Bounced as error:
        return f"bounced: {error}"
    except Deferred as error:
        return f"deferred: {error}"


class Agent:
    def __init__(self, server, fault):
        self.server, self.fault, self.count = server, fault, 0
        self.lock = threading.Lock()
        self.company = threading.Event()

    def handle(self, recipient, message):
        with self.lock:
            self.count += 1
            number = self.count
        fatal = self.fault == "dies-of-all" or (self.fault == "dies-of-one" and recipient.endswith(FATAL))
        if not fatal:
            self.company.set()
        log(f"<{recipient}>: queued as {number}")
        if fatal:
            if self.fault == "dies-of-one":
                self.company.clear()  # of one that comes after it, so that there is a message under way
                self.company.wait(COMPANY_S)
            log("assertion failed in the queue manager")
            os._exit(3)
        if self.fault == "hangs" or (self.fault == "forgets" and number % 4 == 0):
            return
        result = outcome(self.server, recipient, message)
        while self.fault == "keeps" and result != "sent":
            log(f"<{recipient}>: stays in the queue")
            time.sleep(0.5)
            result = outcome(self.server, recipient, message)
        log(f"<{recipient.upper() if self.fault == 'shouts' else recipient}>: {result}")


def serve(directory, server, fault):
    agent = Agent(server, fault)
    if fault == "never-ready":
        time.sleep(3600)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(directory + "/submit")
    listener.listen(64)
    log("ready for messages")
    taken = 0
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as stream:
                recipient = stream.readline().decode().strip()
                message = stream.read()
                taken += 1
                if fault == "refuses" or (fault == "fills" and taken > ROOM):
                    connection.sendall(b"refused\n")
                    continue
                connection.sendall(b"queued\n")
            pool.submit(agent.handle, recipient, message)


def submit(directory, recipient):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(directory + "/submit")
        connection.sendall(recipient.encode() + b"\n" + sys.stdin.buffer.read())
        connection.shutdown(socket.SHUT_WR)
        return 0 if connection.makefile("rb").readline() == b"queued\n" else 75


def main(command, *words):
    if command == "serve":
        serve(words[0], words[1], words[2] if len(words) > 2 else "")
    if command == "submit":
        return submit(*words)
    server, recipient = words
    result = outcome(server, recipient, sys.stdin.buffer.read())
    log(f"<{recipient}>: {result}")
    return 0 if result == "sent" else 75


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
