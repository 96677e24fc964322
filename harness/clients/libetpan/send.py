"""Sends the message of standard input with libetpan: send.py clear|starttls HOST PORT HELO SENDER RECIPIENT"""
import ctypes
import sys

etpan = ctypes.CDLL("libetpan.so.20")
etpan.mailsmtp_new.restype = ctypes.c_void_p
_, mode, host, port, helo, sender, recipient = (word.encode() for word in sys.argv)
message = sys.stdin.buffer.read().replace(b"\n", b"\r\n")
session = ctypes.c_void_p(etpan.mailsmtp_new(0, None))


def check(error):
    if error:
        sys.exit(f"libetpan error {error}")


check(etpan.mailsmtp_socket_connect(session, host, int(port)))
check(etpan.mailesmtp_ehlo(session))
if mode == b"starttls":
    check(etpan.mailsmtp_socket_starttls(session))
    check(etpan.mailesmtp_ehlo(session))
check(etpan.mailesmtp_mail(session, sender, 0, None))
check(etpan.mailesmtp_rcpt(session, recipient, 0, None))
check(etpan.mailsmtp_data(session))
check(etpan.mailsmtp_data_message(session, message, ctypes.c_size_t(len(message))))
etpan.mailsmtp_quit(session)
