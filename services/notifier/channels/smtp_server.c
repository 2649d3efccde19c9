/* The connections of a mail server: which is idle, which mail is on which, which waits. */
#include "services/notifier/channels/smtp_server.h"

#include <stdlib.h>

#include "services/notifier/channels/smtp_connection.h"

/* A connection and what it is at. */
struct lane {
    struct smtp_server *server;
    struct smtp_connection *connection;
    bool connected;
    struct smtp_mail *mail; /* NULL: idle, or connecting */
    struct lane *next;
    struct lane *previous;
};

struct smtp_server {
    uv_loop_t *loop;
    struct curl_loop *curl_loop;
    const struct smtp_settings *settings;
    struct lane *first;
    unsigned lanes;
    unsigned connecting;
    unsigned most;             /* how many lanes the server was seen to take */
    struct smtp_mail *waiting; /* the one whose turn is next */
    struct smtp_mail *last;
    unsigned waiting_count;
    bool closing;
};

/* ---- mails that wait ---- */

static void end_mail(struct smtp_mail *mail, enum outcome outcome, const char *words) {
    struct smtp_end end = {outcome, text_of(words)};
    mail->ended(mail, &end);
}

static void enqueue(struct smtp_server *server, struct smtp_mail *mail) {
    mail->next = NULL;
    *(server->last ? &server->last->next : &server->waiting) = mail;
    server->last = mail;
    server->waiting_count++;
}

static void enqueue_first(struct smtp_server *server, struct smtp_mail *mail) {
    mail->next = server->waiting;
    server->last = server->last ? server->last : mail;
    server->waiting = mail;
    server->waiting_count++;
}

static struct smtp_mail *dequeue(struct smtp_server *server) {
    struct smtp_mail *mail = server->waiting;
    server->waiting = mail->next;
    server->last = mail->next ? server->last : NULL;
    server->waiting_count--;
    return mail;
}

/* ---- lanes ---- */

static void drop_lane(struct lane *lane) {
    struct smtp_server *server = lane->server;
    *(lane->previous ? &lane->previous->next : &server->first) = lane->next;
    if (lane->next) {
        lane->next->previous = lane->previous;
    }
    server->lanes--;
    server->connecting -= !lane->connected;
    server->most = server->lanes > 0 ? server->most : SMTP_CONNECTIONS_MAX;
    free(lane);
}

static struct lane *idle_lane(const struct smtp_server *server) {
    struct lane *lane = server->first;
    while (lane && (lane->mail || !lane->connected)) {
        lane = lane->next;
    }
    return lane;
}

static const struct smtp_connection_events events;

static int open_lane(struct smtp_server *server) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane) {
        return -ERR_NO_MEMORY;
    }
    *lane = (struct lane){.server = server, .next = server->first};
    int result =
        smtp_connection_open(&lane->connection, server->loop, server->curl_loop, server->settings, &events, lane);
    if (result != 0) {
        free(lane);
        return result;
    }
    if (lane->next) {
        lane->next->previous = lane;
    }
    server->first = lane;
    server->lanes++;
    server->connecting++;
    return 0;
}

/* Gives idle connections what waits, and opens others for the rest. A mail is bound to a connection only when that is
 * signed in: a server that makes new connections wait must not hold up what an idle one could take. */
static void start_waiting(struct smtp_server *server) {
    struct lane *lane;
    while (server->waiting && (lane = idle_lane(server))) {
        lane->mail = dequeue(server);
        smtp_connection_send(lane->connection, lane->mail);
    }
    int result = 0;
    while (result == 0 && server->connecting < server->waiting_count && server->lanes < server->most) {
        result = open_lane(server);
    }
    /* Without any connection nothing would ever take them. */
    while (server->waiting && server->lanes == 0) {
        end_mail(dequeue(server), OUTCOME_RETRY, "out of memory");
    }
}

/* ---- what happens on a connection ---- */

static void on_ready(struct smtp_connection *connection) {
    struct lane *lane = smtp_connection_data(connection);
    lane->connected = true;
    lane->server->connecting--;
    start_waiting(lane->server);
}

/* While others are open or may still be, those will do. With the last one every mail that waits has failed: to try each
 * of them at a server that is away would take its time for each. */
static void on_failed(struct smtp_connection *connection, const struct smtp_end *end) {
    struct lane *lane = smtp_connection_data(connection);
    struct smtp_server *server = lane->server;
    drop_lane(lane);
    if (server->lanes > 0) {
        server->most = server->lanes;
        return;
    }
    for (unsigned left = server->waiting_count; left > 0; left--) {
        struct smtp_mail *mail = dequeue(server);
        mail->ended(mail, end);
    }
    start_waiting(server);
}

static void on_ended(struct smtp_connection *connection, const struct smtp_end *end, bool alive, bool stale) {
    struct lane *lane = smtp_connection_data(connection);
    struct smtp_server *server = lane->server;
    struct smtp_mail *mail = lane->mail;
    lane->mail = NULL;
    if (!alive) {
        drop_lane(lane);
    }
    if (server->closing) {
        mail->ended(mail, end);
        return;
    }
    if (stale) {
        enqueue_first(server, mail);
    } else {
        mail->ended(mail, end);
    }
    start_waiting(server);
}

static void on_lost(struct smtp_connection *connection) {
    drop_lane(smtp_connection_data(connection));
}

static const struct smtp_connection_events events = {on_ready, on_failed, on_ended, on_lost};

/* ---- the door ---- */

int smtp_server_send(struct smtp_server *server, struct smtp_mail *mail) {
    struct lane *lane = server->waiting ? NULL : idle_lane(server);
    if (lane) {
        lane->mail = mail;
        smtp_connection_send(lane->connection, mail);
        return 0;
    }
    if (server->lanes < server->most && open_lane(server) != 0 && server->lanes == 0) {
        return -ERR_NO_MEMORY;
    }
    enqueue(server, mail);
    return 0;
}

int smtp_server_open(struct smtp_server **server, uv_loop_t *loop, struct curl_loop *curl_loop,
                     const struct smtp_settings *settings) {
    struct smtp_server *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return -ERR_NO_MEMORY;
    }
    *opened =
        (struct smtp_server){.loop = loop, .curl_loop = curl_loop, .settings = settings, .most = SMTP_CONNECTIONS_MAX};
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
    while (closing->waiting) {
        end_mail(dequeue(closing), OUTCOME_RETRY, "the notifier stopped");
    }
    while (closing->first) {
        smtp_connection_close(closing->first->connection);
    }
    free(closing);
}
