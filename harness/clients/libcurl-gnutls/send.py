"""Sends a message with the given libcurl, or prints its version:
send.py LIBRARY [all|try|verifyhost-off|verify-off HOST PORT HELO SENDER RECIPIENT MESSAGE_FILE CA_FILE]"""
import ctypes
import sys

URL, UPLOAD, CAINFO, VERIFYPEER, VERIFYHOST = 10002, 46, 10065, 64, 81
USE_SSL, MAIL_FROM, MAIL_RCPT, READDATA, NOPROXY, TIMEOUT = 119, 10186, 10187, 10009, 10177, 13
USESSL_TRY, USESSL_ALL = 1, 3

curl = ctypes.CDLL(sys.argv[1])
libc = ctypes.CDLL(None)
libc.fopen.restype = curl.curl_easy_init.restype = curl.curl_slist_append.restype = ctypes.c_void_p
curl.curl_version.restype = curl.curl_easy_strerror.restype = ctypes.c_char_p
if len(sys.argv) == 2:
    print(curl.curl_version().decode())
    sys.exit()

mode, host, port, helo, sender, recipient, message, ca = (word.encode() for word in sys.argv[2:])
handle = ctypes.c_void_p(curl.curl_easy_init())
options = [
    (URL, b"smtp://%s:%s/%s" % (host, port, helo)),
    (USE_SSL, ctypes.c_long(USESSL_TRY if mode == b"try" else USESSL_ALL)),
    (CAINFO, ca),
    (VERIFYPEER, ctypes.c_long(mode != b"verify-off")),
    (VERIFYHOST, ctypes.c_long(0 if mode.endswith(b"off") else 2)),
    (MAIL_FROM, sender),
    (MAIL_RCPT, ctypes.c_void_p(curl.curl_slist_append(None, recipient))),
    (READDATA, ctypes.c_void_p(libc.fopen(message, b"r"))),
    (UPLOAD, ctypes.c_long(1)),
    (NOPROXY, b"*"),
    (TIMEOUT, ctypes.c_long(15)),
]
error = ctypes.create_string_buffer(256)
curl.curl_easy_setopt(handle, 10010, error)
for option, value in options:
    curl.curl_easy_setopt(handle, option, value)
code = curl.curl_easy_perform(handle)
if code:
    print(curl.curl_easy_strerror(code).decode(), error.value.decode(errors="replace"))
sys.exit(code)
