/* What a command needs to speak to the services: settings, the key it speaks with, connections, answers as errors. */
#pragma once

#include "common/client.h"
#include "common/config.h"
#include "common/edge.h"
#include "services/chaoxun/language.h"
#include "services/chaoxun/options.h"

#define SESSION_PATH_MAX 4096
#define SESSION_CALL_MS 10000

struct session {
    const struct options *options;
    struct config *config;
    char keys_dir[SESSION_PATH_MAX];
    char key_file[SESSION_PATH_MAX];    /* of the caller; the operator's when empty */
    char server_file[SESSION_PATH_MAX]; /* public key of the service; from the key directory when empty */
    struct key_pair pair;               /* wiped by session_close */
    enum error_language language;
};

/* The options of commands that may speak with another key than the operator's. */
#define SESSION_KEY_OPTIONS \
    {.name = "key", \
     .kind = OPTION_TEXT, \
     .word = "FILE", \
     .prose = "secret key to speak with (default: the operator's)"}, \
    { \
        .name = "server-key", .kind = OPTION_TEXT, .word = "FILE", \
        .prose = "public key of the service (default: from the key directory)" \
    }

/* Reads the settings only: no keys, no connection. */
int session_settings(struct session *session, const struct options *options, struct error *error);

/* Reads settings and the operator's key, or that of `key_file` (NAME.key). `server_file` may be NULL. */
int session_open(struct session *session, const struct options *options, const char *key_file, const char *server_file,
                 struct error *error);
void session_close(struct session *session);

/* Connects to the edge's endpoint; does not wait for the service. */
int session_connect(const struct session *session, enum edge edge, struct client **client, struct error *error);

/* One request whose answer is a shape, into `arena`. `payload` empty sends nil. `timeout_ms` bounds it. No answer at
 * all is -ERR_UNAVAILABLE with the endpoint and what to do. */
int session_ask(const struct session *session, enum edge edge, const char *verb, struct text payload, int timeout_ms,
                const struct shape *answer_shape, struct arena *arena, void *answer, struct error *error);

/* The same with a shape as question. */
int session_ask_shape(const struct session *session, enum edge edge, const char *verb, int timeout_ms,
                      enum shape_index question_shape, const void *question, enum shape_index answer_shape,
                      struct arena *arena, void *answer, struct error *error);

/* The same over a connection of session_connect to the edge: for many questions. */
int session_ask_over(const struct session *session, enum edge edge, struct client *client, const char *verb,
                     int timeout_ms, enum shape_index question_shape, const void *question,
                     enum shape_index answer_shape, struct arena *arena, void *answer, struct error *error);

/* The frame of a command that asks: an arena of at most `bytes`, the operator's session, `work`, and what went wrong told.
 * Returns the exit status. `work` gives 0 or -code. */
typedef int (*session_work)(const struct session *session, void *data, struct arena *arena, struct error *error);
int session_run(const struct options *options, size_t bytes, session_work work, void *data);

/* The public key of the service of the edge: of --server-key, else from the key directory. */
int session_server_key(const struct session *session, enum edge edge, char key[KEY_TEXT_SIZE], struct error *error);

/* Decodes an `error` answer; returns -code. `*retry_after` (may be NULL) gets milliseconds or 0. */
int session_answer_error(struct text payload, struct error *error, int64_t *retry_after);

/* Fills `error`: the service of the edge does not answer. */
int session_unreachable(const struct session *session, enum edge edge, struct error *error);

/* The brigade's time zone, minutes from UTC (the setting utc-offset). */
int64_t session_utc_offset(const struct session *session);

/* "<data>/<name>". */
int session_path(const struct session *session, const char *name, char *out, size_t size, struct error *error);
