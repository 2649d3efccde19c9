/* Accounts out of settings; a message asked, its answer judged. */
#include "services/notifier/channels/http_way.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "services/notifier/channels/words.h"

struct http_way {
    const struct http_kind *kind;
    struct curl_loop *curl_loop;
    int64_t timeout_ms;
    struct account account;
    char *name; /* a robot's, owned as its address is */
    char *url;
};

/* A message under way. */
struct passage {
    struct http_way *way;
    channel_done done;
    void *data;
    char *address;
};

/* ---- accounts ---- */

static const char **word_at(struct account *account, size_t offset) {
    return (const char **)(void *)((char *)account + offset);
}

static void empty_account(struct account *account) {
    static const size_t words[] = {offsetof(struct account, name),     offsetof(struct account, url),
                                   offsetof(struct account, user),     offsetof(struct account, sender),
                                   offsetof(struct account, template), offsetof(struct account, variable),
                                   offsetof(struct account, region),   offsetof(struct account, machine)};
    *account = (struct account){.name = ""};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        *word_at(account, words[i]) = "";
    }
}

static int read_account(struct http_way *way, const struct config *config, struct error *error) {
    const struct http_kind *kind = way->kind;
    struct account *account = &way->account;
    account->name = kind->name;
    account->url = config_text(config, kind->url);
    int result = provider_check_url(config, kind->url, "http", "https", error);
    for (const struct account_row *row = kind->rows; row->setting != SETTING_COUNT && result == 0; row++) {
        const char *word = config_text(config, row->setting);
        *word_at(account, row->offset) = word;
        if (!provider_is_line(word) || (row->needed && word[0] == '\0')) {
            char limit[100];
            snprintf(limit, sizeof limit, "a line of text, which the provider %s needs", kind->name);
            result = provider_refuse(row->setting, word, limit, error);
        }
    }
    return result == 0 ? provider_read_password(config, kind->secret, account->secret, error) : result;
}

static struct http_way *way_of(const struct http_kind *kind, struct curl_loop *curl_loop, const struct config *config) {
    struct http_way *way = calloc(1, sizeof *way);
    if (way) {
        *way =
            (struct http_way){.kind = kind, .curl_loop = curl_loop, .timeout_ms = config_int(config, SETTING_SEND_MS)};
        empty_account(&way->account);
        way->account.signature = config_text(config, SETTING_SMS_SIGNATURE);
    }
    return way;
}

int http_way_open(struct http_way **way, const struct http_kind *kind, struct curl_loop *curl_loop,
                  const struct config *config, struct error *error) {
    *way = NULL;
    if (config_text(config, kind->url)[0] == '\0') {
        return 0;
    }
    struct http_way *opened = way_of(kind, curl_loop, config);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = read_account(opened, config, error);
    result = result != 0 ? result : provider_check_signature(config, error);
    if (result != 0) {
        http_way_close(&opened);
        return result;
    }
    *way = opened;
    return 0;
}

int http_way_open_robot(struct http_way **way, const struct http_kind *kind, struct curl_loop *curl_loop,
                        const struct config *config, const struct account *account, struct error *error) {
    int result = provider_check_signature(config, error);
    struct http_way *opened = result == 0 ? way_of(kind, curl_loop, config) : NULL;
    *way = NULL;
    if (result != 0) {
        return result;
    }
    if (opened) {
        opened->name = strdup(account->name);
        opened->url = strdup(account->url);
        opened->account.name = opened->name;
        opened->account.url = opened->url;
        memcpy(opened->account.secret, account->secret, sizeof account->secret);
    }
    if (!opened || !opened->name || !opened->url) {
        http_way_close(&opened);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *way = opened;
    return 0;
}

void http_way_close(struct http_way **way) {
    struct http_way *closing = *way;
    if (!closing) {
        return;
    }
    *way = NULL;
    sodium_memzero(closing->account.secret, sizeof closing->account.secret);
    if (closing->url) {
        sodium_memzero(closing->url, strlen(closing->url)); /* a robot's token stands in it */
    }
    free(closing->url);
    free(closing->name);
    free(closing);
}

const struct http_kind *http_way_kind(const struct http_way *way) {
    return way->kind;
}

const char *http_way_name(const struct http_way *way) {
    return way->account.name;
}

/* ---- messages ---- */

static void free_passage(struct passage *passage) {
    free(passage->address);
    free(passage);
}

static void on_answer(void *data, const struct http_answer *answer) {
    struct passage *passage = data;
    struct channel_result result = {.outcome = answer->outcome};
    struct verdict verdict = {.outcome = answer->outcome};
    struct text words = answer->words;
    if (answer->status > 0) {
        http_judge(passage->way->kind, answer->status, answer->words, &verdict);
        words = text_of(verdict.words);
        result.outcome = verdict.outcome;
        result.pause_ms = verdict.pause_ms;
        if (verdict.handle[0] != '\0') {
            snprintf(result.handle, sizeof result.handle, "%s:%s", passage->way->kind->name, verdict.handle);
        }
    }
    words_clean(words, passage->address, result.words);
    passage->done(passage->data, &result);
    free_passage(passage);
}

static void make_stamp(struct stamp *stamp) {
    uint8_t random[16];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(stamp->nonce, sizeof stamp->nonce, random, sizeof random);
    stamp->now = clock_now();
}

int http_way_send(struct http_way *way, const struct channel_message *message, channel_done done, void *data,
                  struct channel_result *refusal) {
    struct stamp stamp;
    struct http_ask ask = {0};
    make_stamp(&stamp);
    int result = way->kind->write(&way->account, message, &stamp, &ask, refusal);
    struct passage *passage = result == 0 ? calloc(1, sizeof *passage) : NULL;
    if (!passage) {
        http_ask_free(&ask);
        return result == 0 ? -ERR_NO_MEMORY : result;
    }
    *passage = (struct passage){way, done, data, strdup(message->address)};
    result =
        passage->address ? http_request(way->curl_loop, &ask, way->timeout_ms, on_answer, passage) : -ERR_NO_MEMORY;
    if (result != 0) {
        http_ask_free(&ask);
        free_passage(passage);
    }
    return result;
}

/* ---- inquiries ---- */

/* A question under way. */
struct question {
    const struct http_kind *kind;
    const struct channel_inquiry *inquiry;
    struct channel_findings *findings;
    http_way_found found;
    void *data;
};

static void on_details(void *data, const struct http_answer *answer) {
    struct question question = *(struct question *)data;
    bool answered =
        answer->status > 0 && details_read(question.kind->details, answer->words, question.inquiry, question.findings);
    free(data);
    question.found(question.data, answered);
}

int http_way_ask(struct http_way *way, const struct channel_inquiry *inquiry, int step,
                 struct channel_findings *findings, http_way_found found, void *data) {
    struct stamp stamp;
    struct http_ask ask = {0};
    make_stamp(&stamp);
    int result = way->kind->ask ? way->kind->ask(&way->account, inquiry, step, &stamp, &ask) : 1;
    struct question *question = result == 0 ? malloc(sizeof *question) : NULL;
    if (!question) {
        http_ask_free(&ask);
        return result == 0 ? -ERR_NO_MEMORY : result;
    }
    *question = (struct question){way->kind, inquiry, findings, found, data};
    result = http_request(way->curl_loop, &ask, way->timeout_ms, on_details, question);
    if (result != 0) {
        free(question);
    }
    return result;
}
