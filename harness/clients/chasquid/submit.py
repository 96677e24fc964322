"""Hands the message of standard input to chasquid: submit.py PORT SENDER RECIPIENT [LEVEL]

With LEVEL it is made to remember first that the recipient's domain has reached this level of security.
"""
import pathlib
import smtplib
import ssl
import sys
import time

RELOADS = 0.1  # seconds, of -testing__reload_every


def remember(domain, level):
    """The file has any name; chasquid knows the domain by its Unicode form."""
    text = f'name: "{domain.encode().decode("idna")}" outgoing_sec_level: {level}\n'
    pathlib.Path("data/domaininfo", f"s:{domain}").write_text(text, encoding="utf-8")
    time.sleep(3 * RELOADS)


def main():
    port, sender, recipient = sys.argv[1:4]
    message = sys.stdin.buffer.read()
    if len(sys.argv) > 4:
        remember(recipient.rpartition("@")[2], sys.argv[4])
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # a certificate of its own, made a moment ago
    with smtplib.SMTP("127.0.0.1", int(port), local_hostname="client.test", timeout=15) as server:
        server.starttls(context=context)
        server.login("sender@client.test", "test")
        options = [] if recipient.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        server.sendmail(sender, [recipient], message, mail_options=options)


main()
