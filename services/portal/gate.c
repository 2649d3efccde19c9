/* From token to account to role. */
#include "services/portal/gate.h"

#include <sodium.h>
#include <stdio.h>

#include "common/clock.h"
#include "services/portal/accounts.h"
#include "services/portal/directory.h"

bool gate_token(const struct exchange *exchange, uint8_t hash[TOKEN_HASH_BYTES], bool *by_cookie) {
    struct text bearer = bearer_value(text_of(exchange_request_header(exchange, MHD_HTTP_HEADER_AUTHORIZATION)));
    *by_cookie = bearer.data == NULL;
    if (bearer.data) {
        return token_hash(bearer, hash);
    }
    const char *cookies = exchange_request_header(exchange, MHD_HTTP_HEADER_COOKIE);
    return token_hash(cookie_value(text_of(cookies), SESSION_COOKIE), hash);
}

static void refuse(struct exchange *exchange, enum error_code code, struct error_words words) {
    struct error error;
    error_set(&error, code, words);
    if (code == ERR_NOT_SIGNED_IN) {
        exchange_add_header(exchange, "WWW-Authenticate", "Bearer");
    }
    exchange_fail(exchange, &error);
}

/* Cookies go along with whatever a browser sends: what changes something must come from our own pages. */
static bool comes_from_elsewhere(const struct exchange *exchange) {
    struct site_facts facts = {
        .fetch_site = text_of(exchange_request_header(exchange, "Sec-Fetch-Site")),
        .origin = text_of(exchange_request_header(exchange, "Origin")),
        .host = text_of(exchange_request_header(exchange, MHD_HTTP_HEADER_HOST)),
    };
    return exchange->route->method != METHOD_GET && site_is_other(&facts);
}

static void role_known(const struct directory_entry *entry, const struct error *error, void *data) {
    struct exchange *exchange = data;
    struct principal *principal = &exchange->principal;
    if (error->code != ERR_OK) {
        exchange_fail(exchange, error);
        return;
    }
    if (entry->held && !exchange_is_awaited(exchange)) { /* its body is here, and would be sent */
        refuse(exchange, ERR_BUSY, (struct error_words){.limit = "1000"});
        return;
    }
    if (entry->role == ROLE_NONE) {
        refuse(exchange, ERR_ACCOUNT_OFF, (struct error_words){.value = principal->account});
        return;
    }
    if (entry->role < exchange->route->role) {
        refuse(exchange, ERR_NO_RIGHT,
               (struct error_words){.value = word_chinese(KIND_ROLE, (int)entry->role),
                                    .limit = word_chinese(KIND_ROLE, (int)exchange->route->role)});
        return;
    }
    principal->role = entry->role;
    snprintf(principal->unit, sizeof principal->unit, "%s", entry->unit);
    exchange_admit(exchange);
}

/* 1: a live token, its account in the principal; 0: none; < 0: accounts.db failed and the request was answered. */
static int find_account(struct exchange *exchange) {
    struct principal *principal = &exchange->principal;
    struct token_row row;
    struct error error;
    if (!gate_token(exchange, principal->token, &principal->by_cookie)) {
        return 0;
    }
    int found = accounts_find_token(exchange->portal->accounts, principal->token, &row, &error);
    if (found < 0) {
        portal_storage_failed(exchange->portal, &error);
        exchange_fail(exchange, &error);
        return found;
    }
    if (found == 0 || row.expires_at <= clock_now()) {
        return 0;
    }
    snprintf(principal->account, sizeof principal->account, "%s", row.account);
    sodium_bin2hex(principal->session, sizeof principal->session, principal->token, TOKEN_HASH_BYTES / 2);
    return 1;
}

void gate_check(struct exchange *exchange) {
    bool open = exchange->route->role == ROLE_NONE;
    if (open) {
        if (comes_from_elsewhere(exchange)) {
            refuse(exchange, ERR_CROSS_SITE, (struct error_words){0});
        } else {
            exchange_admit(exchange);
        }
        return;
    }
    int found = find_account(exchange);
    if (found == 0) {
        refuse(exchange, ERR_NOT_SIGNED_IN, (struct error_words){0});
    } else if (found == 1 && exchange->principal.by_cookie && comes_from_elsewhere(exchange)) {
        refuse(exchange, ERR_CROSS_SITE, (struct error_words){0});
    } else if (found == 1) {
        directory_ask(exchange->portal->directory, exchange->principal.account, role_known, exchange);
    }
}
