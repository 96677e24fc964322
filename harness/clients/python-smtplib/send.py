"""Sends a message from standard input: send.py default|context HOST PORT HELO SENDER RECIPIENT"""
import smtplib
import ssl
import sys

mode, host, port, helo, sender, recipient = sys.argv[1:]
message = sys.stdin.read()
with smtplib.SMTP(host, int(port), local_hostname=helo, timeout=15) as server:
    if mode == "context":
        server.starttls(context=ssl.create_default_context())
    else:
        server.starttls()
    server.sendmail(sender, [recipient], message)
