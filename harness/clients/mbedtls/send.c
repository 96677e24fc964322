/* Sends the message of standard input: send hostname|no-hostname|verify-none HOST PORT HELO SENDER RECIPIENT CA_FILE */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#include "../common/clear_smtp.h"

static int tls_in(void *ssl, char *buffer, int size) { return mbedtls_ssl_read(ssl, (unsigned char *)buffer, (size_t)size); }
static int tls_out(void *ssl, const char *buffer, int size) { return mbedtls_ssl_write(ssl, (const unsigned char *)buffer, (size_t)size); }

int main(int argc, char **argv) {
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_x509_crt roots;
  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;
  mbedtls_net_context net;
  char text[1024];
  int error;
  if (argc != 8) {
    mbedtls_version_get_string_full(text);
    return puts(text) < 0;
  }
  const char *mode = argv[1], *host = argv[2], *helo = argv[4];
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0);
  mbedtls_x509_crt_init(&roots);
  if (mbedtls_x509_crt_parse_file(&roots, argv[7]) != 0) fail("no root");
  mbedtls_ssl_config_init(&config);
  mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random);
  mbedtls_ssl_conf_ca_chain(&config, &roots, NULL);
  mbedtls_ssl_conf_authmode(&config, strcmp(mode, "verify-none") ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
  mbedtls_ssl_init(&ssl);
  if (mbedtls_ssl_setup(&ssl, &config) != 0) fail("set-up");
  if (strcmp(mode, "hostname") == 0) mbedtls_ssl_set_hostname(&ssl, host);
  net.fd = starttls_socket(host, argv[3], helo);
  mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
  if ((error = mbedtls_ssl_handshake(&ssl)) != 0) {
    mbedtls_x509_crt_verify_info(text, sizeof text, "", mbedtls_ssl_get_verify_result(&ssl));
    fprintf(stderr, "handshake: -0x%04x %s", (unsigned)-error, error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED ? text : "\n");
    return 1;
  }
  deliver(&ssl, tls_in, tls_out, helo, argv[5], argv[6]);
  mbedtls_ssl_close_notify(&ssl);
  return 0;
}
