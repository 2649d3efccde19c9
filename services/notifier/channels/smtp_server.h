/* The mail server: connections to it, each mail over one of them. Loop thread only.
 *
 * libcurl connects, speaks TLS and signs in (CURLOPT_CONNECT_ONLY); the mail itself is spoken here. libcurl 7.88 would
 * wait for the answer to a mail's last dot, and to QUIT, without giving the loop back (smtp_done and smtp_disconnect
 * of its lib/smtp.c): one slow server would stop everything else. And so it is known exactly what was handed over.
 */
#pragma once

#include "services/notifier/channels/curl_loop.h"
#include "services/notifier/channels/smtp_dialogue.h"

/* Connections at a time: a server refuses a client that opens too many, or lets it wait for its greeting (OpenSMTPD,
 * seen with 20). */
#define SMTP_CONNECTIONS_MAX 10

enum smtp_tls {
    SMTP_TLS_NEVER,
    SMTP_TLS_TRY,    /* STARTTLS where it is offered, with any certificate: who can read along could as well strip it */
    SMTP_TLS_REQUIRE /* STARTTLS with a certificate that is checked, or nothing */
};

/* All borrowed. A path of the address is the name for EHLO, this machine's when there is none. With smtps:// TLS comes first and the certificate is always checked. */
struct smtp_settings {
    const char *url;
    const char *user; /* "": no AUTH */
    const char *password;
    const char *ca_file; /* "": the system's */
    enum smtp_tls tls;
    int64_t timeout_ms; /* for connecting, and again for the mail */
};

struct smtp_server;

/* `settings` and what it points to outlive the server. Connects to nothing yet. -ERR_NO_MEMORY. */
int smtp_server_open(struct smtp_server **server, uv_loop_t *loop, struct curl_loop *curl_loop,
                     const struct smtp_settings *settings);

/* Every mail under way ends before it returns. Before curl_loop_close(). The handles close when the loop runs next. */
void smtp_server_close(struct smtp_server **server);

/* Over the first connection that is or becomes idle; another one is opened as long as there are fewer than
 * SMTP_CONNECTIONS_MAX. `mail->ended` runs once, later; when no connection can be opened, every mail that waits ends. A connection used before that does not even take MAIL was closed by the server
 * meanwhile: another one takes the mail. -ERR_NO_MEMORY: `ended` never runs. */
int smtp_server_send(struct smtp_server *server, struct smtp_mail *mail);
