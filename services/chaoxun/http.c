/* HTTP by libcurl: no proxy, no redirects, a bounded answer; the password never leaves memory but through the socket. */
#include "services/chaoxun/http.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/key_file.h"
#include "proto/json.h"
#include "services/chaoxun/secret.h"

#define URL_MAX 512
#define ANSWER_BYTES_MAX 65536
#define TIMEOUT_MS 15000L
#define READYZ_MS 5000L
#define STATUS_OK_FIRST 200
#define STATUS_OK_LAST 299

int http_address(const struct session *session, char *out, size_t size, struct error *error) {
    char path[SESSION_PATH_MAX];
    char line[16];
    int result = session_path(session, "portal/port", path, sizeof path, error);
    if (result != 0) {
        return result;
    }
    FILE *file = fopen(path, "re");
    long port = (long)config_int(session->config, SETTING_PORT);
    if (file && fgets(line, sizeof line, file)) {
        port = strtol(line, NULL, 10);
    }
    if (file) {
        fclose(file);
    }
    const char *listen = config_text(session->config, SETTING_LISTEN);
    bool any = strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0;
    bool six = !any && strchr(listen, ':') != NULL && listen[0] != '[';
    snprintf(out, size, "http://%s%s%s:%ld", six ? "[" : "", any ? "127.0.0.1" : listen, six ? "]" : "", port);
    return 0;
}

static size_t keep_answer(char *data, size_t size, size_t count, void *target) {
    struct buffer *answer = target;
    if (answer->length + size * count > ANSWER_BYTES_MAX) {
        return 0;
    }
    buffer_append(answer, data, size * count);
    return answer->failed ? 0 : size * count;
}

/* The portal's problem document (RFC 9457) as an error. */
static int read_problem(long status, const struct buffer *answer, struct error *error) {
    struct error ignored;
    json_t *problem = json_parse((struct text){(const char *)answer->data, (uint32_t)answer->length}, &ignored);
    const char *code = json_string_value(json_object_get(problem, "code"));
    const char *english = json_string_value(json_object_get(problem, "detail_en"));
    const char *chinese = json_string_value(json_object_get(problem, "detail"));
    enum error_code known = code ? error_from_wire(code, strlen(code)) : ERR_OK;
    int result =
        error_setf(error, known != ERR_OK ? known : ERR_INTERNAL, "the portal answered with status %ld", status);
    if (english && error) {
        snprintf(error->text, sizeof error->text, "%s", english);
    }
    if (chinese && error) {
        snprintf(error->text_zh, sizeof error->text_zh, "%s", chinese);
    }
    json_decref(problem);
    return result;
}

/* How long it may take and where the answer goes; no proxy, no redirects. */
static void bound(CURL *curl, long timeout_ms, struct buffer *answer) {
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

static int put(const struct session *session, const char *url, const char *token, const char *body,
               struct error *error) {
    char authorization[TOKEN_SIZE + 40];
    struct buffer answer = {0};
    long status = 0;
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", token);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct curl_slist *more = headers ? curl_slist_append(headers, authorization) : NULL;
    int result = curl && more ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, more);
        bound(curl, TIMEOUT_MS, &answer);
        CURLcode code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        result = code == CURLE_OK ? 0 : session_unreachable(session, EDGE_CONTROL_PORTAL, error);
    }
    if (result == 0 && (status < STATUS_OK_FIRST || status > STATUS_OK_LAST)) {
        result = read_problem(status, &answer, error);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    buffer_free(&answer);
    sodium_memzero(authorization, sizeof authorization);
    return result;
}

/* The first part that is not ready, of the document that /readyz answers with. */
static void read_reason(const struct buffer *answer, char *why, size_t size) {
    struct error ignored;
    json_t *document = json_parse((struct text){(const char *)answer->data, (uint32_t)answer->length}, &ignored);
    size_t index;
    json_t *part;
    snprintf(why, size, "/readyz is not green");
    json_array_foreach(json_object_get(document, "parts"), index, part) {
        const char *name = json_string_value(json_object_get(part, "name"));
        const char *reason = json_string_value(json_object_get(part, "reason"));
        if (name && reason) {
            snprintf(why, size, "%s: %s", name, reason);
            break;
        }
    }
    json_decref(document);
}

bool http_is_green(const struct session *session, char *why, size_t size) {
    char address[URL_MAX / 2];
    char url[URL_MAX];
    struct buffer answer = {0};
    long status = 0;
    snprintf(why, size, "/readyz does not answer");
    CURL *curl = http_address(session, address, sizeof address, NULL) == 0 ? curl_easy_init() : NULL;
    if (!curl) {
        return false;
    }
    snprintf(url, sizeof url, "%s/readyz", address);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    bound(curl, READYZ_MS, &answer);
    if (curl_easy_perform(curl) == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        read_reason(&answer, why, size);
    }
    curl_easy_cleanup(curl);
    buffer_free(&answer);
    return status == STATUS_OK_FIRST;
}

static int read_token(const struct session *session, char token[TOKEN_SIZE + 2], struct error *error) {
    char path[SESSION_PATH_MAX];
    int result = session_path(session, "token", path, sizeof path, error);
    return result != 0 ? result : key_file_read(path, true, token, TOKEN_SIZE + 2, error);
}

/* {"password": "...", "old_password": "..."} as text; free it. */
static char *password_document(const char *password, const char *old) {
    json_t *document = json_pack("{s:s, s:s*}", "password", password, "old_password", old);
    char *body = document ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    return body;
}

int http_set_password(const struct session *session, const char *account, const char *password, const char *old,
                      struct error *error) {
    char address[URL_MAX / 2];
    char url[URL_MAX];
    char token[TOKEN_SIZE + 2];
    int result = http_address(session, address, sizeof address, error);
    if (result == 0) {
        result = read_token(session, token, error);
    }
    if (result != 0) {
        return result;
    }
    snprintf(url, sizeof url, "%s/api/v1/users/%.64s/password", address, account);
    char *body = password_document(password, old);
    result =
        body ? put(session, url, token, body, error) : error_setf(error, ERR_USAGE, "the password is not valid UTF-8");
    if (body) {
        sodium_memzero(body, strlen(body));
    }
    free(body);
    sodium_memzero(token, sizeof token);
    return result;
}
