/* A connection to the mail server: libcurl's until it is signed in, then a socket for dialogues. */
#include "services/notifier/channels/smtp_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define IDLE_MS 5000
#define READ_BYTES 4096
#define CODE_LENGTH 4 /* with what separates it */
#define CODE_REFUSAL_MIN 400
#define CODE_MAX 599

struct smtp_connection {
    struct transfer transfer; /* first: curl_loop hands it back */
    const struct smtp_settings *settings;
    const struct smtp_connection_events *events;
    struct curl_loop *curl_loop;
    uv_loop_t *loop;
    void *data;
    struct smtp_mail *mail; /* NULL: idle */
    struct smtp_dialogue dialogue;
    bool connected;
    bool used;          /* for a mail before this one */
    bool takes_utf8;    /* EHLO offered SMTPUTF8 */
    struct buffer line; /* while connecting: the first reply that refused something */
    uv_poll_t poll;
    int watched; /* events that are polled for */
    uv_timer_t timer;
    unsigned handles; /* open ones */
};

void *smtp_connection_data(const struct smtp_connection *connection) {
    return connection->data;
}

/* ---- the end of a connection ---- */

static void on_handle_closed(uv_handle_t *handle) {
    struct smtp_connection *connection = handle->data;
    if (--connection->handles == 0) {
        smtp_dialogue_free(&connection->dialogue);
        buffer_free(&connection->line);
        free(connection);
    }
}

static void shut(struct smtp_connection *connection) {
    if (connection->connected) {
        uv_close((uv_handle_t *)&connection->poll, on_handle_closed);
    }
    uv_close((uv_handle_t *)&connection->timer, on_handle_closed);
    curl_loop_end(connection->curl_loop, &connection->transfer);
}

/* Between dialogues only. Nobody waits for the answer. */
static void shut_politely(struct smtp_connection *connection) {
    static const char quit[] = "QUIT\r\n";
    size_t sent;
    curl_easy_send(connection->transfer.easy, quit, sizeof quit - 1, &sent);
    shut(connection);
}

/* ---- the end of a mail ---- */

static void on_idle_too_long(uv_timer_t *timer) {
    struct smtp_connection *connection = timer->data;
    connection->events->lost(connection);
    shut_politely(connection);
}

static void on_ready(uv_poll_t *poll, int status, int events);

/* libuv 1.44 takes the descriptor out of the kernel's list and puts it in again, even for the same events. */
static void watch(struct smtp_connection *connection, int events) {
    if (connection->watched != events) {
        connection->watched = events;
        uv_poll_start(&connection->poll, events, on_ready);
    }
}

static void be_idle(struct smtp_connection *connection) {
    uv_timer_start(&connection->timer, on_idle_too_long, IDLE_MS, 0);
    watch(connection, UV_READABLE);
}

static void end_mail(struct smtp_connection *connection, enum outcome outcome, struct text words, bool alive,
                     bool stale) {
    struct smtp_end end = {outcome, words};
    connection->mail = NULL;
    connection->used = true;
    if (alive) {
        be_idle(connection);
    }
    connection->events->ended(connection, &end, alive, stale);
}

/* The dialogue is over without the mail being taken. */
static void give_up(struct smtp_connection *connection, struct text words) {
    const struct smtp_dialogue *dialogue = &connection->dialogue;
    bool stale = connection->used && dialogue->phase == SMTP_MAIL;
    end_mail(connection, smtp_outcome(dialogue->phase, dialogue->code), words, false, stale);
    if (dialogue->code != 0) {
        shut_politely(connection);
    } else {
        shut(connection);
    }
}

/* ---- the dialogue ---- */

static void on_timeout(uv_timer_t *timer) {
    struct smtp_connection *connection = timer->data;
    char words[80];
    snprintf(words, sizeof words, "no answer within %lld ms", (long long)connection->settings->timeout_ms);
    connection->dialogue.code = 0;
    give_up(connection, text_of(words));
}

/* Writes what can be written; false when the connection is broken. */
static bool write_pending(struct smtp_connection *connection) {
    struct text pending = smtp_pending(&connection->dialogue);
    CURLcode code = CURLE_OK;
    while (pending.length > 0 && code == CURLE_OK) {
        size_t sent = 0;
        code = curl_easy_send(connection->transfer.easy, pending.data, pending.length, &sent);
        smtp_sent(&connection->dialogue, code == CURLE_OK ? sent : 0);
        pending = smtp_pending(&connection->dialogue);
    }
    return code == CURLE_OK || code == CURLE_AGAIN;
}

/* Reads into `bytes`: > 0 bytes, 0 nothing yet, -1 the connection is closed or broken. */
static int read_some(struct smtp_connection *connection, char bytes[READ_BYTES]) {
    size_t length = 0;
    CURLcode code = curl_easy_recv(connection->transfer.easy, bytes, READ_BYTES, &length);
    if (code == CURLE_AGAIN) {
        return 0;
    }
    return code == CURLE_OK && length > 0 ? (int)length : -1;
}

static void pump_idle(struct smtp_connection *connection) {
    char bytes[READ_BYTES];
    /* Nothing is to be said between mails: 421 and the end of the connection are the same here. TLS may have news of
     * its own. */
    if (read_some(connection, bytes) != 0) {
        connection->events->lost(connection);
        shut(connection);
    }
}

/* Writes what waits, reads what came and writes what follows from it. The answer to that comes later: it is read again only
 * where there may be more, or where writing failed, for a server that hangs up may have said why. */
static enum smtp_step exchange(struct smtp_connection *connection, bool *broken) {
    char bytes[READ_BYTES];
    enum smtp_step step = SMTP_GOES_ON;
    bool written = write_pending(connection);
    int got = READ_BYTES;
    while (step == SMTP_GOES_ON && (got == READ_BYTES || (got > 0 && !written))) {
        got = read_some(connection, bytes);
        if (got > 0) {
            step = smtp_received(&connection->dialogue, (struct text){bytes, (uint32_t)got});
            written = step != SMTP_GOES_ON || write_pending(connection);
        }
    }
    *broken = got < 0 || (got == 0 && !written);
    return step;
}

static bool is_unspeakable(const struct smtp_connection *connection) {
    return connection->mail->utf8 && !connection->takes_utf8;
}

/* Until the next answer, or until what is left can be written. */
static void wait_for_more(struct smtp_connection *connection) {
    watch(connection, UV_READABLE | (smtp_pending(&connection->dialogue).length > 0 ? UV_WRITABLE : 0));
}

static void pump(struct smtp_connection *connection) {
    if (!connection->mail) {
        pump_idle(connection);
        return;
    }
    if (is_unspeakable(connection)) {
        end_mail(connection, OUTCOME_IMPOSSIBLE, text_of("the mail server takes ASCII addresses only (no SMTPUTF8)"),
                 true, false);
        return;
    }
    bool broken = false;
    struct smtp_dialogue *dialogue = &connection->dialogue;
    if (dialogue->out.failed) {
        give_up(connection, text_of("out of memory"));
        return;
    }
    switch (exchange(connection, &broken)) {
    case SMTP_TAKEN:
        end_mail(connection, OUTCOME_DELIVERED, smtp_words(dialogue), true, false);
        return;
    case SMTP_REFUSED:
        give_up(connection, dialogue->code != 0 ? smtp_words(dialogue) : text_of("the answer is no SMTP"));
        return;
    default:
        break;
    }
    if (broken) {
        dialogue->code = 0;
        give_up(connection, text_of("the mail server closed the connection"));
        return;
    }
    wait_for_more(connection);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    pump(poll->data);
}

/* The first command goes at once; all else the loop does, for this may be the call that hands the mail in. */
void smtp_connection_send(struct smtp_connection *connection, struct smtp_mail *mail) {
    connection->mail = mail;
    smtp_begin(&connection->dialogue, mail);
    uv_timer_start(&connection->timer, on_timeout, (uint64_t)connection->settings->timeout_ms, 0);
    if (is_unspeakable(connection) || connection->dialogue.out.failed || !write_pending(connection)) {
        watch(connection, UV_READABLE | UV_WRITABLE);
    } else {
        wait_for_more(connection);
    }
}

/* ---- connecting ---- */

static bool is_keyword(const char *line, size_t length, const char *keyword) {
    size_t wanted = strlen(keyword);
    bool same = length >= CODE_LENGTH + wanted && strncasecmp(line + CODE_LENGTH, keyword, wanted) == 0;
    return same && (length == CODE_LENGTH + wanted || strchr(" \r\n", line[CODE_LENGTH + wanted]));
}

/* Each line that the server says. */
static size_t on_line(char *line, size_t size, size_t count, void *data) {
    struct smtp_connection *connection = data;
    size_t length = size * count;
    if (length >= CODE_LENGTH && strncmp(line, "220", CODE_LENGTH - 1) == 0) {
        /* What was offered before TLS does not hold behind it. */
        connection->takes_utf8 = false;
    }
    connection->takes_utf8 |= length > 0 && line[0] == '2' && is_keyword(line, length, "SMTPUTF8");
    if (length > 0 && line[0] >= '4' && connection->line.length == 0) {
        buffer_append(&connection->line, line, length);
    }
    return length;
}

static void fail(struct smtp_connection *connection, CURLcode code) {
    long reply = 0;
    struct smtp_end end = {transfer_outcome(code, false),
                           {(const char *)connection->line.data, (uint32_t)connection->line.length}};
    curl_easy_getinfo(connection->transfer.easy, CURLINFO_RESPONSE_CODE, &reply);
    if (reply >= CODE_REFUSAL_MIN && reply <= CODE_MAX) {
        end.outcome = smtp_outcome(SMTP_CONNECT, (int)reply);
    }
    if (end.words.length == 0) {
        end.words = text_of(transfer_words(&connection->transfer, code));
    }
    connection->events->failed(connection, &end);
    shut(connection);
}

/* The socket, from now on ours: the first reading ties it to the handle. Before that libcurl counts the connection as
 * idle and may close it, under our feet, when others come. */
static curl_socket_t take_socket(struct smtp_connection *connection) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    char bytes[READ_BYTES];
    curl_easy_getinfo(connection->transfer.easy, CURLINFO_ACTIVESOCKET, &socket);
    return socket != CURL_SOCKET_BAD && read_some(connection, bytes) == 0 ? socket : CURL_SOCKET_BAD;
}

static void on_connected(struct transfer *transfer, CURLcode code) {
    struct smtp_connection *connection = (struct smtp_connection *)transfer;
    if (code != CURLE_OK) {
        fail(connection, code);
        return;
    }
    curl_socket_t socket = take_socket(connection);
    if (socket == CURL_SOCKET_BAD || uv_poll_init_socket(connection->loop, &connection->poll, socket) != 0) {
        fail(connection, CURLE_RECV_ERROR);
        return;
    }
    connection->poll.data = connection;
    connection->connected = true;
    connection->handles++;
    be_idle(connection);
    connection->events->ready(connection);
}

static void set_options(struct smtp_connection *connection) {
    const struct smtp_settings *settings = connection->settings;
    CURL *easy = connection->transfer.easy;
    bool checked = settings->tls == SMTP_TLS_REQUIRE || strncasecmp(settings->url, "smtps:", 6) == 0;
    static const long use_ssl[] = {CURLUSESSL_NONE, CURLUSESSL_TRY, CURLUSESSL_ALL};
    connection->transfer.ended = on_connected;
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, connection);
    curl_easy_setopt(easy, CURLOPT_USE_SSL, use_ssl[settings->tls]);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L);
    if (settings->ca_file[0] != '\0') {
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
    }
    if (settings->user[0] != '\0') {
        curl_easy_setopt(easy, CURLOPT_USERNAME, settings->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, settings->password);
    }
}

int smtp_connection_open(struct smtp_connection **connection, uv_loop_t *loop, struct curl_loop *curl_loop,
                         const struct smtp_settings *settings, const struct smtp_connection_events *events,
                         void *data) {
    struct smtp_connection *opened = calloc(1, sizeof *opened);
    if (!opened || transfer_init(&opened->transfer, settings->url, "smtp,smtps", settings->timeout_ms) != 0) {
        free(opened);
        return -ERR_NO_MEMORY;
    }
    opened->settings = settings;
    opened->events = events;
    opened->curl_loop = curl_loop;
    opened->loop = loop;
    opened->data = data;
    set_options(opened);
    if (curl_loop_begin(curl_loop, &opened->transfer) != 0) {
        curl_easy_cleanup(opened->transfer.easy);
        free(opened);
        return -ERR_NO_MEMORY;
    }
    uv_timer_init(loop, &opened->timer);
    opened->timer.data = opened;
    opened->handles = 1;
    *connection = opened;
    return 0;
}

void smtp_connection_close(struct smtp_connection *connection) {
    if (connection->mail) {
        connection->dialogue.code = 0;
        give_up(connection, text_of("the notifier stopped"));
        return;
    }
    connection->events->lost(connection);
    if (connection->connected) {
        shut_politely(connection);
    } else {
        shut(connection);
    }
}
