/* Sessions: settings and keys read once, one blocking client per connection. */
#include "services/chaoxun/session.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/call.h"
#include "common/key_file.h"
#include "proto/codec.h"
#include "services/chaoxun/command.h"

#define ERROR_ARENA_BYTES 65536
#define REFUSED 1       /* an `error` answer: the service is there */
#define CONNECT_MS 2000 /* long enough for a service that is just being started again */

int session_settings(struct session *session, const struct options *options, struct error *error) {
    *session = (struct session){.options = options, .language = language_choose(options->lang)};
    int result = config_load(&session->config, NULL, (int)options->setting_count, options->settings, error);
    if (result == 0) {
        result = config_keys_dir(session->config, session->keys_dir, sizeof session->keys_dir, error);
    }
    return result;
}

/* Splits the path of a NAME.key and loads the pair. */
static int load_pair(struct session *session, const char *key_file, struct error *error) {
    const char *slash = strrchr(key_file, '/');
    const char *base = slash ? slash + 1 : key_file;
    const char *ending = strstr(base, ".key");
    char name[KEY_NAME_MAX + 1];
    size_t length = ending ? (size_t)(ending - base) : 0;
    if (!ending || ending[4] != '\0' || length == 0 || length >= sizeof name) {
        return key_file_refuse(error, key_file, "a secret key's file is named NAME.key");
    }
    memcpy(name, base, length);
    name[length] = '\0';
    char directory[SESSION_PATH_MAX] = ".";
    if (slash) {
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - key_file) + (slash == key_file), key_file);
    }
    return keys_load_pair(directory, name, &session->pair, error);
}

/* The mistake of the first minute: nothing was ever started in this directory. */
static int check_data(const struct session *session, struct error *error) {
    struct stat facts;
    const char *data = config_text(session->config, SETTING_DATA);
    if (stat(session->keys_dir, &facts) == 0 || errno != ENOENT) {
        return 0;
    }
    return error_setf(error, ERR_BAD_KEYFILE,
                      "there are no keys in %.120s: is the data directory %.120s the right one (--data DIR, "
                      "CHAOXUN_DATA)? chaoxun up makes a new one",
                      session->keys_dir, data);
}

int session_open(struct session *session, const struct options *options, const char *key_file, const char *server_file,
                 struct error *error) {
    int result = session_settings(session, options, error);
    if (result != 0) {
        return result;
    }
    snprintf(session->server_file, sizeof session->server_file, "%s", server_file ? server_file : "");
    if (key_file) {
        return load_pair(session, key_file, error);
    }
    result = check_data(session, error);
    return result != 0 ? result : keys_load_pair(session->keys_dir, "operator", &session->pair, error);
}

void session_close(struct session *session) {
    config_destroy(&session->config);
    keys_wipe(&session->pair);
}

int session_server_key(const struct session *session, enum edge edge, char key[KEY_TEXT_SIZE], struct error *error) {
    if (session->server_file[0] == '\0') {
        return keys_load_public(session->keys_dir, edge_row(edge)->binder, key, error);
    }
    char line[KEY_TEXT_SIZE + 2];
    int result = key_file_read(session->server_file, false, line, sizeof line, error);
    if (result == 0 && strlen(line) != KEY_TEXT_SIZE - 1) {
        return key_file_refuse(error, session->server_file, "not a key of 40 characters");
    }
    if (result == 0) {
        memcpy(key, line, KEY_TEXT_SIZE);
    }
    return result;
}

int session_connect(const struct session *session, enum edge edge, struct client **client, struct error *error) {
    char endpoint[SESSION_PATH_MAX];
    char key[KEY_TEXT_SIZE];
    int result = config_endpoint(session->config, edge_row(edge)->name, endpoint, sizeof endpoint, error);
    if (result == 0) {
        result = session_server_key(session, edge, key, error);
    }
    bool plain = edge == EDGE_SUBMIT && config_bool(session->config, SETTING_ZMQ_PLAIN);
    if (result == 0) {
        result = client_open(client, NULL, endpoint, plain ? NULL : &session->pair, plain ? NULL : key, error);
    }
    if (result == 0) {
        client_set_connect_timeout(*client, CONNECT_MS);
    }
    return result;
}

int session_unreachable(const struct session *session, enum edge edge, struct error *error) {
    char endpoint[SESSION_PATH_MAX] = "";
    const char *binder = edge_row(edge)->binder;
    config_endpoint(session->config, edge_row(edge)->name, endpoint, sizeof endpoint, NULL);
    error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = binder});
    if (error) {
        snprintf(error->text, sizeof error->text,
                 "%s does not answer at %.150s: is chaoxun up running on this data directory?", binder, endpoint);
    }
    return -(int)ERR_UNAVAILABLE;
}

static bool is_silence(int result) {
    return result == -(int)ERR_TIMED_OUT || result == -(int)ERR_UNAVAILABLE;
}

static int decode_answer(const struct client_answer *answer, const struct shape *shape, struct arena *arena,
                         void *value, struct error *error) {
    struct faults faults = {0};
    char *copy = arena_copy(arena, answer->payload.data, answer->payload.length);
    if (!copy) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (codec_decode(shape, (struct text){copy, answer->payload.length}, arena, value, &faults) != 0) {
        faults_to_error(&faults, error);
        return error_wrap(error, "answer %.*s", (int)answer->verb.length, answer->verb.data);
    }
    return 0;
}

static int send_and_wait(struct client *client, const char *verb, struct text payload, int timeout_ms,
                         struct client_answer *answer, struct error *error) {
    if (timeout_ms < CONNECT_MS) {
        client_set_connect_timeout(client, timeout_ms);
    }
    int result = client_send(client, verb, text_of(verb), payload, error);
    if (result == 0) {
        result = client_receive(client, timeout_ms, answer, error);
    }
    if (result != 0 || !text_equal(answer->verb, text_of("error"))) {
        return result;
    }
    session_answer_error(answer->payload, error, NULL);
    return REFUSED;
}

static int ask_over(const struct session *session, enum edge edge, struct client *client, const char *verb,
                    struct text payload, int timeout_ms, const struct shape *answer_shape, struct arena *arena,
                    void *answer, struct error *error) {
    struct client_answer raw;
    struct text nil = text_of("\xc0");
    int result = send_and_wait(client, verb, payload.length > 0 ? payload : nil, timeout_ms, &raw, error);
    if (is_silence(result)) {
        result = session_unreachable(session, edge, error);
    }
    return result == 0 ? decode_answer(&raw, answer_shape, arena, answer, error) : result;
}

int session_ask(const struct session *session, enum edge edge, const char *verb, struct text payload, int timeout_ms,
                const struct shape *answer_shape, struct arena *arena, void *answer, struct error *error) {
    struct client *client = NULL;
    struct error said = {.code = ERR_OK};
    int result = session_connect(session, edge, &client, &said);
    if (result == 0) {
        result = ask_over(session, edge, client, verb, payload, timeout_ms, answer_shape, arena, answer, &said);
    }
    client_close(&client);
    if (result != 0 && error) {
        *error = said;
    }
    return result != 0 ? -(int)said.code : 0;
}

int session_ask_shape(const struct session *session, enum edge edge, const char *verb, int timeout_ms,
                      enum shape_index question_shape, const void *question, enum shape_index answer_shape,
                      struct arena *arena, void *answer, struct error *error) {
    struct client *client = NULL;
    int result = session_connect(session, edge, &client, error);
    if (result == 0) {
        result = session_ask_over(session, edge, client, verb, timeout_ms, question_shape, question, answer_shape,
                                  arena, answer, error);
    }
    client_close(&client);
    return result;
}

int session_ask_over(const struct session *session, enum edge edge, struct client *client, const char *verb,
                     int timeout_ms, enum shape_index question_shape, const void *question,
                     enum shape_index answer_shape, struct arena *arena, void *answer, struct error *error) {
    struct buffer payload = {0};
    struct error said = {.code = ERR_OK};
    int result = codec_encode(shape_of(question_shape), question, &payload);
    if (result == 0) {
        result =
            ask_over(session, edge, client, verb, (struct text){(const char *)payload.data, (uint32_t)payload.length},
                     timeout_ms, shape_of(answer_shape), arena, answer, &said);
    } else {
        error_set(&said, ERR_NO_MEMORY, (struct error_words){0});
    }
    buffer_free(&payload);
    if (result != 0 && error) {
        *error = said;
    }
    return result != 0 ? -(int)said.code : 0;
}

int session_run(const struct options *options, size_t bytes, session_work work, void *data) {
    struct session session = {0};
    struct error error;
    struct arena *arena = arena_create(bytes);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = work(&session, data, arena, &error);
    }
    arena_destroy(&arena);
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

int session_answer_error(struct text payload, struct error *error, int64_t *retry_after) {
    struct arena *arena = arena_create(ERROR_ARENA_BYTES);
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct call_result result = {.retry_after = 0};
    call_read_error(payload, arena, &result);
    arena_destroy(&arena);
    if (retry_after) {
        *retry_after = result.retry_after;
    }
    if (error) {
        *error = result.error;
    }
    return -(int)result.error.code;
}

int64_t session_utc_offset(const struct session *session) {
    return config_int(session->config, SETTING_UTC_OFFSET);
}

int session_path(const struct session *session, const char *name, char *out, size_t size, struct error *error) {
    return config_state_dir(session->config, name, out, size, error);
}
