/* One connection of the mail server's: opened by libcurl, then a dialogue after the other. Part of smtp_server. */
#pragma once

#include "services/notifier/channels/smtp_server.h"

struct smtp_connection;

/* What the server's side needs to hear, always from the loop. */
struct smtp_connection_events {
    /* It is signed in and idle. */
    void (*ready)(struct smtp_connection *connection);
    /* It could not be opened, and is closing itself: forget it. `end` is what that means for a mail. */
    void (*failed)(struct smtp_connection *connection, const struct smtp_end *end);
    /* Its mail has ended. `alive`: it is idle again; else it is closing itself, forget it. `stale`: it was used before
     * and no longer good, nothing of the mail was taken. */
    void (*ended)(struct smtp_connection *connection, const struct smtp_end *end, bool alive, bool stale);
    /* It had no mail and is closing itself: forget it. */
    void (*lost)(struct smtp_connection *connection);
};

/* Begins to connect. `data` is the owner's. -ERR_NO_MEMORY. */
int smtp_connection_open(struct smtp_connection **connection, uv_loop_t *loop, struct curl_loop *curl_loop,
                         const struct smtp_settings *settings, const struct smtp_connection_events *events, void *data);

/* Sends a mail over an idle one. */
void smtp_connection_send(struct smtp_connection *connection, struct smtp_mail *mail);

/* Closes it, with QUIT where it is idle, after the last event: `ended` of a mail under way, as it stands, else `lost`. */
void smtp_connection_close(struct smtp_connection *connection);

void *smtp_connection_data(const struct smtp_connection *connection);
