"""Sends a message from standard input:
send.py hostname|options-for-client-tls|client-context-factory|if-offered HOST PORT HELO SENDER RECIPIENT"""
import io
import sys

from twisted.internet import reactor, ssl
from twisted.internet.defer import Deferred
from twisted.mail.smtp import ESMTPSenderFactory

mode, host, port, helo, sender, recipient = sys.argv[1:]
status = 1


def sent(result):
    global status
    status = 0


done = Deferred()
options = {
    "hostname": {"hostname": host},
    "options-for-client-tls": {"contextFactory": ssl.optionsForClientTLS(host) if mode[0] == "o" else None},
    "client-context-factory": {"contextFactory": ssl.ClientContextFactory()},
    "if-offered": {"hostname": host, "requireTransportSecurity": False},
}[mode]
factory = ESMTPSenderFactory(None, None, sender, recipient, io.BytesIO(sys.stdin.buffer.read()), done, retries=0,
                             requireAuthentication=False, heloFallback=False, **options)
factory.domain = helo.encode()
done.addCallbacks(sent, lambda failure: print(failure.getErrorMessage()))
done.addBoth(lambda _: reactor.stop())
reactor.connectTCP(host, int(port), factory)
reactor.run()
sys.exit(status)
