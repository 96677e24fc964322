"""Hands the message of standard input to chasquid, which relays only for those who say who they are, and asks that under TLS:
submit.py PORT SENDER RECIPIENT [LEVEL]

With LEVEL it is made to remember first that the recipient's domain has reached this level of security.
Run once a message, so it imports little.
"""
import socket
import ssl
import sys
import time

RELOADS = 0.1  # seconds, of -testing__reload_every
PLAIN = b"AHNlbmRlckBjbGllbnQudGVzdAB0ZXN0"  # NUL sender@client.test NUL test, in base64


def remember(domain, level):
    """The file has any name; chasquid knows the domain by its Unicode form."""
    name = domain.encode().decode("idna") if "xn--" in domain.lower() else domain
    with open(f"data/domaininfo/s:{domain}", "w", encoding="utf-8") as file:
        file.write(f'name: "{name}" outgoing_sec_level: {level}\n')
    time.sleep(3 * RELOADS)


class Session:
    def __init__(self, connection):
        self.connection = connection
        self.replies = connection.makefile("rb")

    def ask(self, code, line=b""):
        if line:
            self.connection.sendall(line + b"\r\n")
        while (reply := self.replies.readline(2000))[3:4] == b"-":
            pass
        if reply[:1] != code:
            sys.exit(f"{line}: {reply!r}")


def main():
    port, sender, recipient = sys.argv[1:4]
    if len(sys.argv) > 4:
        remember(recipient.rpartition("@")[2], sys.argv[4])
    message = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")
    options = b"" if recipient.isascii() else b" SMTPUTF8 BODY=8BITMIME"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # a certificate of its own, made a moment ago
    with socket.create_connection(("127.0.0.1", int(port)), timeout=15) as clear:
        session = Session(clear)
        session.ask(b"2")
        session.ask(b"2", b"EHLO client.test")
        session.ask(b"2", b"STARTTLS")
        with context.wrap_socket(clear) as protected:
            session = Session(protected)
            session.ask(b"2", b"EHLO client.test")
            session.ask(b"2", b"AUTH PLAIN " + PLAIN)
            session.ask(b"2", f"MAIL FROM:<{sender}>".encode() + options)
            session.ask(b"2", f"RCPT TO:<{recipient}>".encode())
            session.ask(b"3", b"DATA")
            session.ask(b"2", message.rstrip(b"\r\n") + b"\r\n.")
            session.ask(b"2", b"QUIT")


main()
