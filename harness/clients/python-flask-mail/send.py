"""Sends a message: send.py default|use-tls HOST PORT HELO SENDER RECIPIENT"""
import sys

from flask import Flask
from flask_mail import Mail, Message

mode, host, port, helo, sender, recipient = sys.argv[1:]
app = Flask("send")
app.config.update(MAIL_SERVER=host, MAIL_PORT=int(port), MAIL_USE_TLS=mode == "use-tls")
with app.app_context():
    Mail(app).send(Message("mxident", [recipient], "A message of the mxident test harness.", sender=sender))
