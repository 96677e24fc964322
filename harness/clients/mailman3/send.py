"""Sends a message from standard input as Mailman's queue runner does:
send.py default|starttls|no-hostname|no-cert HOST PORT HELO SENDER RECIPIENT"""
import os
import sys

from mailman.config import config
from mailman.mta.connection import Connection, as_SecureMode

mode, host, port, helo, sender, recipient = sys.argv[1:]
with open("mailman.cfg", "w") as file:
    file.write(f"""[mailman]
layout: here
[paths.here]
var_dir: {os.getcwd()}/var
[mta]
smtp_host: {host}
smtp_port: {port}
smtp_secure_mode: {"smtp" if mode == "default" else "starttls"}
smtp_verify_cert: {"no" if mode == "no-cert" else "yes"}
smtp_verify_hostname: {"no" if mode == "no-hostname" else "yes"}
""")
config.load("mailman.cfg")
mta = config.mta
connection = Connection(mta.smtp_host, int(mta.smtp_port), 1, secure_mode=as_SecureMode(mta.smtp_secure_mode),
                        verify_cert=mta.smtp_verify_cert == "yes", verify_hostname=mta.smtp_verify_hostname == "yes")
connection.sendmail(sender, [recipient], sys.stdin.read())
