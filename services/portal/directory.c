/* Accounts' units and roles: a small cache before intake's verb `account`. */
#include "services/portal/directory.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

#define SLOTS 1024
#define ANSWER_BYTES_MAX 4096

struct slot {
    struct directory_entry entry;
    int64_t asked_us; /* clock_monotonic_us; 0: empty */
};

struct directory {
    struct caller *intake;
    int64_t timeout_ms;
    struct slot slots[SLOTS];
};

struct question {
    struct directory *directory;
    char account[EVENT_BY_MAX + 1];
    directory_done done;
    void *data;
};

int directory_open(struct directory **directory, struct caller *intake, int64_t timeout_ms, struct error *error) {
    *directory = calloc(1, sizeof **directory);
    if (!*directory) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    (*directory)->intake = intake;
    (*directory)->timeout_ms = timeout_ms;
    return 0;
}

void directory_close(struct directory **directory) {
    free(*directory);
    *directory = NULL;
}

/* FNV-1a: accounts that collide share a slot and ask more often, nothing else. */
static struct slot *slot_of(struct directory *directory, const char *account) {
    uint32_t hash = 2166136261U;
    for (const char *at = account; *at; at++) {
        hash = (hash ^ (unsigned char)*at) * 16777619U;
    }
    return &directory->slots[hash % SLOTS];
}

static int read_answer(const struct call_result *result, const char *account, struct directory_entry *entry,
                       struct error *error) {
    struct arena *arena = arena_create(ANSWER_BYTES_MAX);
    struct wire_account_answer answer;
    struct faults faults = {0};
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int code = codec_decode(shape_of(SHAPE_account_answer), result->payload, arena, &answer, &faults);
    if (code < 0) {
        error_setf(error, ERR_INTERNAL, "intake's answer about an account cannot be read");
    } else {
        *entry = (struct directory_entry){.role = answer.role > ROLE_ADMIN ? ROLE_NONE : (enum role)answer.role};
        snprintf(entry->account, sizeof entry->account, "%s", account);
        snprintf(entry->unit, sizeof entry->unit, "%.*s", (int)answer.unit.length, answer.unit.data);
    }
    arena_destroy(&arena);
    return code;
}

static void answered(const struct call_result *result, void *data) {
    struct question *question = data;
    struct error error = result->error;
    struct directory_entry entry = {0};
    if (error.code == ERR_OK && read_answer(result, question->account, &entry, &error) == 0) {
        *slot_of(question->directory, question->account) =
            (struct slot){.entry = entry, .asked_us = clock_monotonic_us()};
    }
    entry.held = result->held;
    question->done(&entry, &error, question->data);
    free(question);
}

static void send_question(struct directory *directory, struct question *question) {
    struct wire_account_query query = {.account = text_of(question->account)};
    wire_set(&query.present, FIELD_account_query_account);
    struct buffer payload = {0};
    codec_encode(shape_of(SHAPE_account_query), &query, &payload);
    call_send(directory->intake, "account", (struct text){(const char *)payload.data, (uint32_t)payload.length},
              (struct text){0}, directory->timeout_ms, answered, question);
    buffer_free(&payload);
}

void directory_ask(struct directory *directory, const char *account, directory_done done, void *data) {
    const struct slot *slot = slot_of(directory, account);
    bool fresh = slot->asked_us > 0 && strcmp(slot->entry.account, account) == 0 &&
                 clock_monotonic_us() - slot->asked_us < INT64_C(1000) * DIRECTORY_FRESH_MS;
    struct error error = {0};
    if (fresh) {
        struct directory_entry entry = slot->entry;
        done(&entry, &error, data);
        return;
    }
    struct question *question = calloc(1, sizeof *question);
    if (!question) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        done(&(struct directory_entry){0}, &error, data);
        return;
    }
    *question = (struct question){.directory = directory, .done = done, .data = data};
    snprintf(question->account, sizeof question->account, "%s", account);
    send_question(directory, question);
}

void directory_forget(struct directory *directory, const char *account) {
    slot_of(directory, account)->asked_us = 0;
}
