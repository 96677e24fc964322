/* The clear part of an SMTP session and the commands under TLS, for clients around bare TLS libraries (C99, C++). */
#ifndef MXIDENT_CLEAR_SMTP_H
#define MXIDENT_CLEAR_SMTP_H

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

/* Reads or writes octets; 0 or less is the end. */
typedef int (*octets_in)(void *session, char *buffer, int size);
typedef int (*octets_out)(void *session, const char *buffer, int size);

static inline int plain_in(void *fd, char *buffer, int size) { return (int)read(*(int *)fd, buffer, (size_t)size); }
static inline int plain_out(void *fd, const char *buffer, int size) { return (int)write(*(int *)fd, buffer, (size_t)size); }

/* Sends a command, unless it is NULL, and reads the whole reply, whose first digit must be `want`. */
static inline void say(void *session, octets_in in, octets_out out, const char *command, char want) {
  char reply[4096];
  int used = 0;
  if (command && out(session, command, (int)strlen(command)) <= 0) fail("the session ended");
  for (;;) {
    int got = in(session, reply + used, (int)sizeof reply - 1 - used);
    if (got <= 0) fail("the session ended");
    used += got;
    reply[used] = 0;
    char *line = reply, *end;
    while ((end = strchr(line, '\n')) != NULL) {
      if (end - line >= 4 && line[3] != '-') {
        if (reply[0] != want) fail(reply);
        return;
      }
      line = end + 1;
    }
    if (used == (int)sizeof reply - 1) fail("the reply is too long");
  }
}

/* Connects and speaks up to the reply to STARTTLS; returns the socket. */
static inline int starttls_socket(const char *host, const char *port, const char *helo) {
  struct addrinfo hints, *found, *a;
  char line[512];
  int fd = -1;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, port, &hints, &found) != 0) fail("no address");
  for (a = found; a && fd < 0; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, 0);
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  if (fd < 0) fail("no connection");
  snprintf(line, sizeof line, "EHLO %s\r\n", helo);
  say(&fd, plain_in, plain_out, NULL, '2');
  say(&fd, plain_in, plain_out, line, '2');
  say(&fd, plain_in, plain_out, "STARTTLS\r\n", '2');
  return fd;
}

/* Sends the message of standard input in an encrypted session. */
static inline void deliver(void *session, octets_in in, octets_out out, const char *helo, const char *sender,
                           const char *recipient) {
  char line[512], message[8192];
  size_t size;
  snprintf(line, sizeof line, "EHLO %s\r\n", helo);
  say(session, in, out, line, '2');
  snprintf(line, sizeof line, "MAIL FROM:<%s>\r\n", sender);
  say(session, in, out, line, '2');
  snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", recipient);
  say(session, in, out, line, '2');
  say(session, in, out, "DATA\r\n", '3');
  size = fread(message, 1, sizeof message - 4, stdin);
  strcpy(message + size, ".\r\n");
  say(session, in, out, message, '2');
  say(session, in, out, "QUIT\r\n", '2');
}

#endif
