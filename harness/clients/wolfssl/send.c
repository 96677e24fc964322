/* Sends the message of standard input:
   send default|check-domain-name|x509-check-host|no-name HOST PORT HELO SENDER RECIPIENT CA_FILE */
#include <wolfssl/options.h>
#include <wolfssl/openssl/ssl.h>
#include <wolfssl/ssl.h>

#include "../common/clear_smtp.h"

static int tls_in(void *ssl, char *buffer, int size) { return wolfSSL_read(ssl, buffer, size); }
static int tls_out(void *ssl, const char *buffer, int size) { return wolfSSL_write(ssl, buffer, size); }

int main(int argc, char **argv) {
  char text[WOLFSSL_MAX_ERROR_SZ];
  if (argc != 8) return puts(wolfSSL_lib_version()) < 0;
  const char *mode = argv[1], *host = argv[2], *helo = argv[4];
  wolfSSL_Init();
  WOLFSSL_CTX *context = wolfSSL_CTX_new(wolfTLS_client_method());
  if (wolfSSL_CTX_load_verify_locations(context, argv[7], NULL) != WOLFSSL_SUCCESS) fail("no root");
  if (strcmp(mode, "default") != 0) wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER, NULL);
  WOLFSSL *ssl = wolfSSL_new(context);
  if (strcmp(mode, "check-domain-name") == 0) wolfSSL_check_domain_name(ssl, host);
  wolfSSL_set_fd(ssl, starttls_socket(host, argv[3], helo));
  if (wolfSSL_connect(ssl) != WOLFSSL_SUCCESS) fail(wolfSSL_ERR_error_string((unsigned long)wolfSSL_get_error(ssl, 0), text));
  if (strcmp(mode, "x509-check-host") == 0 &&
      wolfSSL_X509_check_host(wolfSSL_get_peer_certificate(ssl), host, strlen(host), 0, NULL) != WOLFSSL_SUCCESS) {
    fail("X509_check_host: the name does not match");
  }
  deliver(ssl, tls_in, tls_out, helo, argv[5], argv[6]);
  wolfSSL_shutdown(ssl);
  return 0;
}
