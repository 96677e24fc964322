"""Sends a message from standard input:
send.py default|start-tls|context|no-validation HOST PORT HELO SENDER RECIPIENT"""
import asyncio
import ssl
import sys

import aiosmtplib

mode, host, port, helo, sender, recipient = sys.argv[1:]
options = {
    "default": {},
    "start-tls": {"start_tls": True},
    "context": {"start_tls": True, "tls_context": ssl.create_default_context()},
    "no-validation": {"start_tls": True, "validate_certs": False},
}[mode]
asyncio.run(aiosmtplib.send(sys.stdin.read(), sender=sender, recipients=[recipient], hostname=host, port=int(port),
                            local_hostname=helo, timeout=15, **options))
