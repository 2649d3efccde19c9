/* Signing in and out, tokens, passwords. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "proto/json.h"
#include "services/portal/accounts.h"
#include "services/portal/answer.h"
#include "services/portal/directory.h"
#include "services/portal/exchange.h"
#include "services/portal/http.h"
#include "services/portal/password.h"
#include "services/portal/throttle.h"

#define MS_PER_HOUR INT64_C(3600000)
#define SUBJECT_SIZE 96

/* ---- what the three forms hold ---- */

/* A text member; a fault when it is missing, no text, or longer than `max` bytes. */
static struct text member(const json_t *document, const char *name, bool required, uint32_t max,
                          struct faults *faults) {
    const json_t *value = json_object_get(document, name);
    struct text text = {json_string_value(value), (uint32_t)json_string_length(value)};
    char limit[24];
    snprintf(limit, sizeof limit, "%u", max);
    if (!value && required) {
        faults_add(faults, ERR_MISSING, name, "", (struct text){0});
    } else if (value && !json_is_string(value)) {
        faults_add(faults, ERR_WRONG_TYPE, name, "string", (struct text){0});
    } else if (text.length > max) {
        faults_add(faults, ERR_TOO_LONG, name, limit, (struct text){0});
    }
    return text;
}

/* The body as a JSON object; NULL when the request was answered instead. A new reference. */
static json_t *read_object(struct exchange *exchange) {
    struct error error;
    json_t *document = json_parse(exchange_body(exchange), &error);
    if (document && !json_is_object(document)) {
        json_decref(document);
        document = NULL;
        error_setf(&error, ERR_BAD_JSON, "an object is expected");
    }
    if (!document) {
        exchange_fail(exchange, &error);
    }
    return document;
}

static bool answer_faults(struct exchange *exchange, const struct faults *faults) {
    struct error error;
    if (!faults_any(faults)) {
        return false;
    }
    faults_to_error(faults, &error);
    exchange_fail_faults(exchange, &error, faults);
    return true;
}

static void fail_storage(struct exchange *exchange, const struct error *error) {
    portal_storage_failed(exchange->portal, error);
    exchange_fail(exchange, error);
}

/* ---- signing in ---- */

/* A sign-in under way; in the exchange's arena. */
struct sign_in {
    struct exchange *exchange;
    char account[EVENT_BY_MAX + 1];
    char account_subject[SUBJECT_SIZE];
    char address_subject[SUBJECT_SIZE];
};

/* Answers 429 when the account or the address has failed too often. */
static bool throttled(struct sign_in *sign_in) {
    struct throttle *throttle = sign_in->exchange->portal->throttle;
    int64_t now = clock_monotonic_us() / 1000;
    int64_t by_account = throttle_wait(throttle, text_of(sign_in->account_subject), now);
    int64_t by_address = throttle_wait(throttle, text_of(sign_in->address_subject), now);
    int64_t wait = by_account > by_address ? by_account : by_address;
    if (wait == 0) {
        throttle_count(throttle, text_of(sign_in->account_subject), now);
        throttle_count(throttle, text_of(sign_in->address_subject), now);
        return false;
    }
    char seconds[24];
    struct error error;
    snprintf(seconds, sizeof seconds, "%d", (int)((wait + 999) / 1000));
    error_set(&error, ERR_TOO_MANY_TRIES, (struct error_words){.limit = seconds});
    metrics_add(&sign_in->exchange->portal->service->metrics, METRIC_SIGN_INS_FAILED, 1);
    exchange_fail_problem(sign_in->exchange, &(struct problem){.error = &error, .retry_after = wait});
    return true;
}

static json_t *session_document(const struct principal *principal, int64_t expires_at) {
    json_t *document = json_pack("{s:s, s:s, s:s, s:s}", "account", principal->account, "unit", principal->unit, "role",
                                 word_wire(KIND_ROLE, (int)principal->role), "role_name",
                                 word_chinese(KIND_ROLE, (int)principal->role));
    if (document && expires_at > 0 && expires_at < INT64_MAX) {
        json_object_set_new(document, "expires_at", json_integer(expires_at));
    }
    return document;
}

/* Makes a token of the account and stores its hash. */
static int issue_token(struct exchange *exchange, const char *account, enum token_kind kind, int64_t lifetime,
                       char token[TOKEN_TEXT_SIZE], struct error *error) {
    int64_t now = clock_now();
    struct token_row row = {.kind = kind, .created_at = now, .expires_at = lifetime > 0 ? now + lifetime : INT64_MAX};
    snprintf(row.account, sizeof row.account, "%s", account);
    token_make(token);
    token_hash(text_of(token), row.hash);
    return accounts_add_token(exchange->portal->accounts, &row, error);
}

static void set_cookie(struct exchange *exchange, const char *token, int64_t seconds) {
    const char *scheme = exchange_request_header(exchange, "X-Forwarded-Proto");
    bool secure = scheme && strcmp(scheme, "https") == 0;
    exchange_add_header(exchange, "Set-Cookie", "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
                        SESSION_COOKIE, token, (long long)seconds, secure ? "; Secure" : "");
}

/* The password fitted: does intake know the account? */
static void open_session(const struct directory_entry *entry, const struct error *asked, void *data) {
    struct sign_in *sign_in = data;
    struct exchange *exchange = sign_in->exchange;
    struct error error = *asked;
    char token[TOKEN_TEXT_SIZE];
    if (error.code == ERR_OK && entry->role == ROLE_NONE) {
        error_set(&error, ERR_ACCOUNT_OFF, (struct error_words){.value = sign_in->account});
    }
    if (error.code != ERR_OK) {
        exchange_fail(exchange, &error);
        return;
    }
    int64_t hours = config_int(exchange->portal->service->config, SETTING_SESSION_HOURS);
    if (issue_token(exchange, sign_in->account, TOKEN_SESSION, hours * MS_PER_HOUR, token, &error) < 0) {
        fail_storage(exchange, &error);
        return;
    }
    struct principal principal = {.role = entry->role};
    snprintf(principal.account, sizeof principal.account, "%s", sign_in->account);
    snprintf(principal.unit, sizeof principal.unit, "%s", entry->unit);
    set_cookie(exchange, token, hours * 3600);
    sodium_memzero(token, sizeof token);
    exchange_answer_json(exchange, 200, session_document(&principal, clock_now() + hours * MS_PER_HOUR));
}

static void password_checked(const struct password_result *result, void *data) {
    struct sign_in *sign_in = data;
    struct portal *portal = sign_in->exchange->portal;
    struct error error = result->error;
    if (error.code == ERR_OK && !result->fits) {
        metrics_add(&portal->service->metrics, METRIC_SIGN_INS_FAILED, 1);
        error_set(&error, ERR_BAD_PASSWORD, (struct error_words){0});
    }
    if (error.code != ERR_OK) {
        exchange_fail(sign_in->exchange, &error);
        return;
    }
    throttle_forgive(portal->throttle, text_of(sign_in->account_subject));
    throttle_give_back(portal->throttle, text_of(sign_in->address_subject));
    directory_ask(portal->directory, sign_in->account, open_session, sign_in);
}

static void begin_sign_in(struct exchange *exchange, struct text account, struct text password) {
    struct sign_in *sign_in = arena_alloc(exchange->arena, sizeof *sign_in);
    char address[64];
    char verifier[VERIFIER_SIZE];
    struct error error;
    if (!sign_in) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    sign_in->exchange = exchange;
    http_peer_address(exchange->connection, address, sizeof address);
    snprintf(sign_in->account, sizeof sign_in->account, "%.*s", (int)account.length, account.data);
    snprintf(sign_in->account_subject, SUBJECT_SIZE, "account:%s", sign_in->account);
    snprintf(sign_in->address_subject, SUBJECT_SIZE, "address:%s", address);
    if (throttled(sign_in)) {
        return;
    }
    int found = accounts_verifier(exchange->portal->accounts, sign_in->account, verifier, &error);
    if (found < 0) {
        fail_storage(exchange, &error);
        return;
    }
    password_check(exchange->portal->passwords, password, found ? verifier : NULL, password_checked, sign_in);
}

void route_session_post(struct exchange *exchange) {
    struct faults faults = {0};
    json_t *document = read_object(exchange);
    if (!document) {
        return;
    }
    struct text account = member(document, "account", true, EVENT_BY_MAX, &faults);
    struct text password = member(document, "password", true, PASSWORD_BYTES_MAX, &faults);
    if (!answer_faults(exchange, &faults)) {
        begin_sign_in(exchange, account, password);
    }
    json_decref(document);
}

void route_session_get(struct exchange *exchange) {
    exchange_answer_json(exchange, 200, session_document(&exchange->principal, 0));
}

void route_session_delete(struct exchange *exchange) {
    struct error error;
    if (accounts_drop_token(exchange->portal->accounts, exchange->principal.token, &error) < 0) {
        fail_storage(exchange, &error);
        return;
    }
    set_cookie(exchange, "", 0);
    exchange_answer_nothing(exchange, 204);
}

/* ---- tokens ---- */

void route_tokens_post(struct exchange *exchange) {
    char token[TOKEN_TEXT_SIZE];
    struct error error;
    if (issue_token(exchange, exchange->principal.account, TOKEN_BEARER, 0, token, &error) < 0) {
        fail_storage(exchange, &error);
        return;
    }
    json_t *document = session_document(&exchange->principal, 0);
    if (document) {
        json_object_set_new(document, "token", json_string(token));
    }
    sodium_memzero(token, sizeof token);
    exchange_answer_json(exchange, 201, document);
}

void route_tokens_delete(struct exchange *exchange) {
    struct error error;
    if (accounts_drop_tokens(exchange->portal->accounts, exchange->principal.account, TOKEN_BEARER, NULL, &error) < 0) {
        fail_storage(exchange, &error);
        return;
    }
    exchange_answer_nothing(exchange, 204);
}

/* ---- passwords ---- */

/* A change of password under way; in the exchange's arena. */
struct password_change {
    struct exchange *exchange;
    char account[EVENT_BY_MAX + 1];
    bool own;
    struct text old_password; /* in the arena */
    struct text new_password;
};

static void store_verifier(const struct password_result *result, void *data) {
    struct password_change *change = data;
    struct exchange *exchange = change->exchange;
    struct accounts *accounts = exchange->portal->accounts;
    struct error error = result->error;
    sodium_memzero((void *)(uintptr_t)change->new_password.data, change->new_password.length);
    if (error.code != ERR_OK) {
        exchange_fail(exchange, &error);
        return;
    }
    /* Whoever signed in with the old one is signed out, but for the one who changes it. */
    const uint8_t *keep = change->own ? exchange->principal.token : NULL;
    if (accounts_set_verifier(accounts, change->account, result->verifier, clock_now(), &error) < 0 ||
        accounts_drop_tokens(accounts, change->account, TOKEN_SESSION, keep, &error) < 0) {
        fail_storage(exchange, &error);
        return;
    }
    exchange_answer_nothing(exchange, 204);
}

static void old_password_checked(const struct password_result *result, void *data) {
    struct password_change *change = data;
    struct error error = result->error;
    sodium_memzero((void *)(uintptr_t)change->old_password.data, change->old_password.length);
    if (error.code == ERR_OK && !result->fits) {
        error_set(&error, ERR_BAD_PASSWORD, (struct error_words){0});
    }
    if (error.code != ERR_OK) {
        exchange_fail(change->exchange, &error);
        return;
    }
    password_make(change->exchange->portal->passwords, change->new_password, store_verifier, change);
}

/* An admin gives a password only to an account that intake knows. */
static void account_known(const struct directory_entry *entry, const struct error *asked, void *data) {
    struct password_change *change = data;
    struct error error = *asked;
    if (error.code == ERR_OK && entry->role == ROLE_NONE) {
        error_set(&error, ERR_ACCOUNT_OFF, (struct error_words){.value = change->account});
    }
    if (error.code != ERR_OK) {
        exchange_fail(change->exchange, &error);
        return;
    }
    password_make(change->exchange->portal->passwords, change->new_password, store_verifier, change);
}

static struct password_change *read_change(struct exchange *exchange, const json_t *document) {
    struct faults faults = {0};
    struct password_change *change = arena_alloc(exchange->arena, sizeof *change);
    bool own = text_equal(exchange->segment, text_of(exchange->principal.account));
    struct text old_password = member(document, "old_password", own, PASSWORD_BYTES_MAX, &faults);
    struct text new_password = member(document, "password", true, PASSWORD_BYTES_MAX, &faults);
    if (new_password.data && new_password.length < PASSWORD_BYTES_MIN) {
        faults_add(&faults, ERR_TOO_SHORT, "password", "8", (struct text){0});
    }
    if (exchange->segment.length > EVENT_BY_MAX) {
        faults_add(&faults, ERR_TOO_LONG, "account", "32", (struct text){0});
    }
    if (answer_faults(exchange, &faults)) {
        return NULL;
    }
    if (change) {
        change->exchange = exchange;
        change->own = own;
        snprintf(change->account, sizeof change->account, "%.*s", (int)exchange->segment.length,
                 exchange->segment.data);
        change->old_password =
            (struct text){arena_copy(exchange->arena, old_password.data, old_password.length), old_password.length};
        change->new_password =
            (struct text){arena_copy(exchange->arena, new_password.data, new_password.length), new_password.length};
    }
    if (!change || !change->old_password.data || !change->new_password.data) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return NULL;
    }
    return change;
}

static void begin_change(struct password_change *change) {
    struct portal *portal = change->exchange->portal;
    struct error error;
    if (!change->own && change->exchange->principal.role != ROLE_ADMIN) {
        error_set(&error, ERR_NO_RIGHT,
                  (struct error_words){.value = word_chinese(KIND_ROLE, (int)change->exchange->principal.role),
                                       .limit = word_chinese(KIND_ROLE, ROLE_ADMIN)});
        exchange_fail(change->exchange, &error);
        return;
    }
    if (!change->own) {
        directory_forget(portal->directory, change->account);
        directory_ask(portal->directory, change->account, account_known, change);
        return;
    }
    char verifier[VERIFIER_SIZE];
    int found = accounts_verifier(portal->accounts, change->account, verifier, &error);
    if (found < 0) {
        fail_storage(change->exchange, &error);
        return;
    }
    password_check(portal->passwords, change->old_password, found ? verifier : NULL, old_password_checked, change);
}

void route_password_put(struct exchange *exchange) {
    json_t *document = read_object(exchange);
    if (!document) {
        return;
    }
    struct password_change *change = read_change(exchange, document);
    if (change) {
        begin_change(change);
    }
    json_decref(document);
}
