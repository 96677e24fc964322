/* Sends the message on standard input to one mail host, by SMTP with STARTTLS:
   acme-send [--no-name] HOST PORT HELO SENDER RECIPIENT CA_FILE
   --no-name forgets to compare the host's name with the certificate, as many a program does. */
#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static BIO *server;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "acme-send: %s%s%s\n", what, why ? ": " : "", why ? why : "");
  exit(1);
}

static int dial(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all, *one;
  if (getaddrinfo(host, port, &hints, &all) != 0) fail("no address", host);
  int fd = -1;
  for (one = all; one; one = one->ai_next) {
    fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
    if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) == 0) break;
    if (fd >= 0) close(fd);
    fd = -1;
  }
  freeaddrinfo(all);
  if (fd < 0) fail("cannot connect", host);
  return fd;
}

/* Reads a reply, which must begin with the digit, to its last line. */
static void expect(char digit) {
  char line[1024];
  do {
    int size = BIO_gets(server, line, sizeof line);
    if (size <= 0) fail("the server is gone", NULL);
    if (line[0] != digit) fail("refused by the server", line);
  } while (strlen(line) > 3 && line[3] == '-');
}

static void say(char digit, const char *format, ...) {
  char line[1024];
  va_list words;
  va_start(words, format);
  vsnprintf(line, sizeof line, format, words);
  va_end(words);
  if (BIO_printf(server, "%s\r\n", line) <= 0 || BIO_flush(server) <= 0) fail("cannot write", NULL);
  if (digit) expect(digit);
}

/* A buffer that a BIO may be read from line by line. Nothing read in clear may be left in it when TLS begins. */
static void buffered(BIO *below) {
  BIO *buffer = BIO_new(BIO_f_buffer());
  server = BIO_push(buffer, below);
}

static void begin_tls(int fd, const char *host, const char *ca_file, int check_name) {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (!context || SSL_CTX_load_verify_file(context, ca_file) != 1) fail("no trust anchors", ca_file);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL *ssl = SSL_new(context);
  unsigned char address[16];
  int literal = inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
  if (!literal) SSL_set_tlsext_host_name(ssl, host);
  if (check_name) {
    /* RFC 9525: no common name, and a wildcard is a whole label. */
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int set = literal ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) : SSL_set1_host(ssl, host);
    if (set != 1) fail("no name to check", host);
  }
  SSL_set_fd(ssl, fd);
  if (SSL_connect(ssl) != 1) {
    long result = SSL_get_verify_result(ssl);
    if (result != X509_V_OK) fail("verification failed", X509_verify_cert_error_string(result));
    fail("no TLS", ERR_reason_error_string(ERR_peek_last_error()));
  }
  puts(check_name ? "peer verified" : "peer not checked");
  BIO *bio = BIO_new(BIO_f_ssl());
  BIO_set_ssl(bio, ssl, BIO_CLOSE);
  buffered(bio);
}

static void send_message(void) {
  char line[1100];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\r\n")] = 0;
    say(0, "%s%s", line[0] == '.' ? "." : "", line);
  }
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) return puts("acme-send 1.0") < 0;
  int check_name = !(argc > 1 && strcmp(argv[1], "--no-name") == 0);
  if (!check_name) ++argv, --argc;
  if (argc != 7) fail("wanted [--no-name] HOST PORT HELO SENDER RECIPIENT CA_FILE", NULL);
  int fd = dial(argv[1], argv[2]);
  buffered(BIO_new_socket(fd, BIO_NOCLOSE));
  expect('2');
  say('2', "EHLO %s", argv[3]);
  say('2', "STARTTLS");
  /* Octets behind the reply came in clear and must not be taken for the server's words (CVE-2011-0411). */
  if (BIO_ctrl_pending(server) > 0) fail("words in clear behind the reply to STARTTLS", NULL);
  begin_tls(fd, argv[1], argv[6], check_name);
  say('2', "EHLO %s", argv[3]);
  say('2', "MAIL FROM:<%s>", argv[4]);
  say('2', "RCPT TO:<%s>", argv[5]);
  say('3', "DATA");
  send_message();
  say('2', ".");
  say('2', "QUIT");
  return 0;
}
