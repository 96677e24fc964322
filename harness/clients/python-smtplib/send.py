"""Sends a message from standard input:
send.py default|context|no-common-name|no-check-hostname|strict|no-starttls HOST PORT HELO SENDER RECIPIENT [implicit]"""
import smtplib
import ssl
import sys

mode, host, port, helo, sender, recipient, *way = sys.argv[1:]
message = sys.stdin.read()
context = ssl.create_default_context()
if mode == "no-common-name":
    context.hostname_checks_common_name = False
if mode == "no-check-hostname":
    context.check_hostname = False
if mode == "strict":
    context.verify_flags |= ssl.VERIFY_X509_STRICT
if way:
    how = {} if mode == "default" else {"context": context}
    connection = smtplib.SMTP_SSL(host, int(port), local_hostname=helo, timeout=15, **how)
else:
    connection = smtplib.SMTP(host, int(port), local_hostname=helo, timeout=15)
with connection as server:
    if way:
        pass
    elif mode == "default":
        server.starttls()
    elif mode != "no-starttls":
        server.starttls(context=context)
    server.sendmail(sender, [recipient], message)
