/* The connections of a mail server: which is idle, which mail is on which. */
#include "services/notifier/smtp_server.h"

#include <stdlib.h>

#include "services/notifier/smtp_connection.h"

/* A connection and its mail. */
struct lane {
    struct smtp_server *server;
    struct smtp_connection *connection;
    const struct smtp_mail *mail; /* NULL: idle */
    smtp_ended ended;
    void *data;
    struct lane *next;
    struct lane *previous;
};

struct smtp_server {
    uv_loop_t *loop;
    struct curl_loop *curl_loop;
    const struct smtp_settings *settings;
    struct lane *first;
    bool closing;
};

static void unlink_lane(struct lane *lane) {
    *(lane->previous ? &lane->previous->next : &lane->server->first) = lane->next;
    if (lane->next) {
        lane->next->previous = lane->previous;
    }
}

static void link_lane(struct lane *lane) {
    lane->next = lane->server->first;
    if (lane->next) {
        lane->next->previous = lane;
    }
    lane->server->first = lane;
}

static int open_lane(struct smtp_server *server, const struct smtp_mail *mail, smtp_ended ended, void *data);

static void on_ended(struct smtp_connection *connection, const struct smtp_end *end, bool alive, bool stale) {
    struct lane *lane = smtp_connection_data(connection);
    struct smtp_server *server = lane->server;
    const struct lane was = *lane;
    lane->mail = NULL;
    if (!alive) {
        unlink_lane(lane);
        free(lane);
    }
    if (stale && !server->closing && open_lane(server, was.mail, was.ended, was.data) == 0) {
        return;
    }
    was.ended(was.data, end);
}

static void on_lost(struct smtp_connection *connection) {
    struct lane *lane = smtp_connection_data(connection);
    unlink_lane(lane);
    free(lane);
}

static const struct smtp_connection_events events = {on_ended, on_lost};

static int open_lane(struct smtp_server *server, const struct smtp_mail *mail, smtp_ended ended, void *data) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane) {
        return -ERR_NO_MEMORY;
    }
    *lane = (struct lane){.server = server, .mail = mail, .ended = ended, .data = data};
    int result =
        smtp_connection_open(&lane->connection, server->loop, server->curl_loop, server->settings, &events, lane, mail);
    if (result != 0) {
        free(lane);
        return result;
    }
    link_lane(lane);
    return 0;
}

int smtp_server_send(struct smtp_server *server, const struct smtp_mail *mail, smtp_ended ended, void *data) {
    struct lane *lane = server->first;
    while (lane && lane->mail) {
        lane = lane->next;
    }
    if (!lane) {
        return open_lane(server, mail, ended, data);
    }
    lane->mail = mail;
    lane->ended = ended;
    lane->data = data;
    smtp_connection_send(lane->connection, mail);
    return 0;
}

int smtp_server_open(struct smtp_server **server, uv_loop_t *loop, struct curl_loop *curl_loop,
                     const struct smtp_settings *settings) {
    struct smtp_server *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return -ERR_NO_MEMORY;
    }
    *opened = (struct smtp_server){.loop = loop, .curl_loop = curl_loop, .settings = settings};
    *server = opened;
    return 0;
}

void smtp_server_close(struct smtp_server **server) {
    struct smtp_server *closing = *server;
    if (!closing) {
        return;
    }
    *server = NULL;
    closing->closing = true;
    while (closing->first) {
        struct lane *lane = closing->first;
        struct smtp_connection *connection = lane->connection;
        if (!lane->mail) {
            on_lost(connection);
        }
        smtp_connection_close(connection);
    }
    free(closing);
}
