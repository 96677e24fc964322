"""Sends a message from standard input:
send.py default|context|no-common-name|no-check-hostname|strict|no-starttls HOST PORT HELO SENDER RECIPIENT"""
import smtplib
import ssl
import sys

mode, host, port, helo, sender, recipient = sys.argv[1:]
message = sys.stdin.read()
context = ssl.create_default_context()
if mode == "no-common-name":
    context.hostname_checks_common_name = False
if mode == "no-check-hostname":
    context.check_hostname = False
if mode == "strict":
    context.verify_flags |= ssl.VERIFY_X509_STRICT
with smtplib.SMTP(host, int(port), local_hostname=helo, timeout=15) as server:
    if mode == "default":
        server.starttls()
    elif mode != "no-starttls":
        server.starttls(context=context)
    server.sendmail(sender, [recipient], message)
