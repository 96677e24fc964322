"""Sends a message: send.py default|use-tls HOST PORT HELO SENDER RECIPIENT"""
import sys

from django.conf import settings
from django.core.mail import send_mail

mode, host, port, helo, sender, recipient = sys.argv[1:]
settings.configure(EMAIL_HOST=host, EMAIL_PORT=int(port), EMAIL_USE_TLS=mode == "use-tls", EMAIL_TIMEOUT=15)
send_mail("mxident", "A message of the mxident test harness.", sender, [recipient])
