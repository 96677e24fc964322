"""Hands the message of standard input to an SMTP server on this machine: submit.py PORT SENDER RECIPIENT.

Ends with 1 and the server's reply where it refuses a step.
"""
import socket
import sys


def main():
    port, sender, recipient = sys.argv[1:4]
    message = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")
    with socket.create_connection(("127.0.0.1", int(port)), timeout=15) as connection:
        replies = connection.makefile("rb")

        def wanted(code, *line):
            if line:
                connection.sendall(line[0] + b"\r\n")
            while (reply := replies.readline(2000))[3:4] == b"-":
                pass
            if reply[:1] != code:
                sys.exit(f"{line}: {reply!r}")

        wanted(b"2")
        wanted(b"2", b"EHLO client.test")
        wanted(b"2", f"MAIL FROM:<{sender}>".encode())
        wanted(b"2", f"RCPT TO:<{recipient}>".encode())
        wanted(b"3", b"DATA")
        wanted(b"2", message.rstrip(b"\r\n") + b"\r\n.")
        wanted(b"2", b"QUIT")


main()
