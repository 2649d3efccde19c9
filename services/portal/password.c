/* Argon2id on a worker thread, one password after the other. */
#include "services/portal/password.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(VERIFIER_SIZE == crypto_pwhash_STRBYTES, "a verifier is what libsodium writes");

struct job {
    uv_work_t work;
    struct passwords *passwords; /* NULL when they were closed meanwhile */
    struct job *next;
    password_done done;
    void *data;
    bool check;
    char verifier[VERIFIER_SIZE]; /* to check against; empty: none */
    size_t length;
    char password[PASSWORD_BYTES_MAX + 1];
    struct password_result result;
};

struct passwords {
    uv_loop_t *loop;
    struct job *running;
    struct job *first;
    struct job *last;
    uint32_t waiting;
};

int passwords_open(struct passwords **passwords, uv_loop_t *loop, struct error *error) {
    *passwords = calloc(1, sizeof **passwords);
    if (!*passwords) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    (*passwords)->loop = loop;
    return 0;
}

static void free_job(struct job *job) {
    sodium_memzero(job->password, sizeof job->password);
    free(job);
}

static int make(const char *password, size_t length, char verifier[VERIFIER_SIZE], struct error *error) {
    int result = crypto_pwhash_str(verifier, password, length, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                   crypto_pwhash_MEMLIMIT_INTERACTIVE);
    return result == 0 ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* On the worker. An account that does not exist costs the same work. */
static void work(uv_work_t *request) {
    struct job *job = request->data;
    struct password_result *result = &job->result;
    if (job->check && job->verifier[0] != '\0') {
        result->fits = crypto_pwhash_str_verify(job->verifier, job->password, job->length) == 0;
    } else {
        make(job->password, job->length, result->verifier, &result->error);
    }
}

static void start_next(struct passwords *passwords);

static void worked(uv_work_t *request, int status) {
    (void)status;
    struct job *job = request->data;
    struct passwords *passwords = job->passwords;
    if (passwords) {
        passwords->running = NULL;
        job->done(&job->result, job->data);
        start_next(passwords);
    }
    free_job(job);
}

static void start_next(struct passwords *passwords) {
    struct job *job = passwords->first;
    if (passwords->running || !job) {
        return;
    }
    passwords->first = job->next;
    passwords->last = job->next ? passwords->last : NULL;
    passwords->waiting--;
    passwords->running = job;
    job->work.data = job;
    uv_queue_work(passwords->loop, &job->work, work, worked);
}

static void finish_early(password_done done, void *data, enum error_code code, struct error_words words) {
    struct password_result result = {0};
    error_set(&result.error, code, words);
    done(&result, data);
}

static void enqueue(struct passwords *passwords, struct text password, const char *verifier, bool check,
                    password_done done, void *data) {
    struct job *job = passwords->waiting < PASSWORD_QUEUE_MAX ? calloc(1, sizeof *job) : NULL;
    if (!job) {
        finish_early(done, data, ERR_BUSY, (struct error_words){.limit = "1000"});
        return;
    }
    /* A longer one fits no verifier, and costs no more. */
    job->length = password.length <= PASSWORD_BYTES_MAX ? password.length : 0;
    memcpy(job->password, password.data, job->length);
    snprintf(job->verifier, sizeof job->verifier, "%s", verifier ? verifier : "");
    job->passwords = passwords;
    job->check = check;
    job->done = done;
    job->data = data;
    *(passwords->last ? &passwords->last->next : &passwords->first) = job;
    passwords->last = job;
    passwords->waiting++;
    start_next(passwords);
}

void password_check(struct passwords *passwords, struct text password, const char *verifier, password_done done,
                    void *data) {
    enqueue(passwords, password, verifier, true, done, data);
}

void password_make(struct passwords *passwords, struct text password, password_done done, void *data) {
    enqueue(passwords, password, NULL, false, done, data);
}

int password_make_now(struct text password, char verifier[VERIFIER_SIZE], struct error *error) {
    return make(password.data, password.length, verifier, error);
}

void passwords_close(struct passwords **passwords) {
    struct passwords *closing = *passwords;
    if (!closing) {
        return;
    }
    *passwords = NULL;
    struct job *running = closing->running;
    if (running) {
        running->passwords = NULL;
        finish_early(running->done, running->data, ERR_UNAVAILABLE, (struct error_words){.value = "portal"});
    }
    while (closing->first) {
        struct job *job = closing->first;
        closing->first = job->next;
        finish_early(job->done, job->data, ERR_UNAVAILABLE, (struct error_words){.value = "portal"});
        free_job(job);
    }
    free(closing);
}
