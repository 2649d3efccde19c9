/* Load: each client is a thread with a socket and a window of frames. */
#include "services/chaoxun/load.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/clock.h"
#include "services/chaoxun/load_event.h"
#include "services/chaoxun/subscription.h"

#define IN_FLIGHT_MAX 1024
#define ANSWER_MS 20000
#define LIVE_MS 5000
#define ARENA_BYTES (16 * 1024 * 1024)
#define WARM_UP_TRIES 100

struct worker {
    pthread_t thread;
    bool started;
    const struct load_options *options;
    uint32_t index;
    atomic_uint_fast64_t *left; /* events that may still be sent; shared */
    pthread_barrier_t *ready;
    int64_t until_us;
    struct client *client;
    struct subscription *live;
    uint64_t live_seq; /* the furthest that the live totals told */
    struct arena *arena;
    struct buffer frame;
    int64_t sent_us[IN_FLIGHT_MAX];
    uint64_t number;
    struct load_result result;
    struct error error;
    bool broken;
};

/* ---- one frame ---- */

static int fill_frame(struct worker *worker) {
    const struct registry *registry = worker->options->registry;
    uint32_t count = worker->options->events_per_frame;
    assert(registry->unit_count > 0 && count > 0);
    const uint8_t header[3] = {0xdc, (uint8_t)(count >> 8), (uint8_t)count};
    buffer_clear(&worker->frame);
    buffer_append(&worker->frame, header, sizeof header);
    for (uint32_t i = 0; i < count; i++) {
        const struct registry_unit *unit = &registry->units[(worker->index + worker->number) % registry->unit_count];
        if (load_event(unit->path, worker->number++, &worker->frame) != 0) {
            return error_set(&worker->error, ERR_NO_MEMORY, (struct error_words){0});
        }
    }
    worker->result.event_bytes = (uint32_t)((worker->frame.length - sizeof header) / count);
    return worker->frame.failed ? error_set(&worker->error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

static int send_frame(struct worker *worker, uint32_t slot) {
    int result = fill_frame(worker);
    if (result != 0) {
        return result;
    }
    worker->sent_us[slot] = clock_monotonic_us();
    return client_send(worker->client, "submit", (struct text){(const char *)&slot, sizeof slot},
                       (struct text){(const char *)worker->frame.data, (uint32_t)worker->frame.length}, &worker->error);
}

/* Counts the receipts; `*seq` gets the highest number. */
static int count_receipts(struct worker *worker, const struct client_answer *answer, uint64_t *seq) {
    struct wire_receipts receipts;
    struct faults faults = {0};
    arena_reset(worker->arena);
    if (text_equal(answer->verb, text_of("error"))) {
        worker->result.failed += worker->options->events_per_frame;
        return session_answer_error(answer->payload, &worker->error, NULL);
    }
    if (codec_decode(shape_of(SHAPE_receipts), answer->payload, worker->arena, &receipts, &faults) != 0) {
        return faults_to_error(&faults, &worker->error);
    }
    const struct wire_receipt *receipt = receipts.receipts.items;
    for (uint32_t i = 0; i < receipts.receipts.count; i++) {
        bool stored = receipt[i].status == STATUS_STORED;
        bool busy = receipt[i].status == STATUS_BUSY;
        worker->result.stored += stored;
        worker->result.busy += busy;
        worker->result.failed += !stored && !busy;
        *seq = (uint64_t)receipt[i].seq > *seq ? (uint64_t)receipt[i].seq : *seq;
    }
    return 0;
}

/* Waits until the live totals hold the number. */
static int wait_live(struct worker *worker, uint64_t seq, int64_t timeout_ms, struct error *error) {
    int64_t until_us = clock_monotonic_us() + 1000 * timeout_ms;
    while (worker->live_seq < seq) {
        struct position position;
        int64_t left_ms = (until_us - clock_monotonic_us()) / 1000;
        if (left_ms <= 0 || subscription_next(worker->live, left_ms, &position) == 0) {
            return error_set(error, ERR_TIMED_OUT, (struct error_words){.value = "live totals", .limit = "the wait"});
        }
        worker->live_seq = position.seq > worker->live_seq ? position.seq : worker->live_seq;
    }
    return 0;
}

/* The next answer; `*slot` gets the place that is free again. */
static int receive_frame(struct worker *worker, uint32_t *slot) {
    struct client_answer answer;
    uint64_t seq = 0;
    int result = client_receive(worker->client, ANSWER_MS, &answer, &worker->error);
    if (result != 0) {
        return result;
    }
    int64_t now = clock_monotonic_us();
    memcpy(slot, answer.correlation.data, sizeof *slot);
    result = count_receipts(worker, &answer, &seq);
    histogram_add(&worker->result.receipt_us, now - worker->sent_us[*slot], worker->options->events_per_frame);
    if (result == 0 && worker->live) {
        result = wait_live(worker, seq, LIVE_MS, &worker->error);
        histogram_add(&worker->result.live_us, clock_monotonic_us() - worker->sent_us[*slot], 1);
    }
    return result;
}

/* ---- one client ---- */

/* Takes a frame's events from what is left; false when it is over. */
static bool may_send(struct worker *worker) {
    uint64_t count = worker->options->events_per_frame;
    if (clock_monotonic_us() >= worker->until_us) {
        return false;
    }
    uint64_t left = atomic_load(worker->left);
    while (left >= count) {
        if (atomic_compare_exchange_weak(worker->left, &left, left - count)) {
            return true;
        }
    }
    return false;
}

static int work(struct worker *worker) {
    uint32_t window = worker->options->in_flight;
    uint32_t under_way = 0;
    int result = 0;
    for (uint32_t slot = 0; slot < window && result == 0 && may_send(worker); slot++) {
        result = send_frame(worker, slot);
        under_way += result == 0;
    }
    while (result == 0 && under_way > 0) {
        uint32_t slot = 0;
        result = receive_frame(worker, &slot);
        under_way--;
        if (result == 0 && may_send(worker)) {
            result = send_frame(worker, slot);
            under_way += result == 0;
        }
    }
    return result;
}

/* The first frame makes the connection; with live totals, until the subscription has arrived. */
static int warm_up(struct worker *worker) {
    int result = 0;
    for (int i = 0; i < (worker->live ? WARM_UP_TRIES : 1) && result == 0; i++) {
        uint64_t seq = 0;
        struct client_answer answer;
        result = send_frame(worker, 0);
        if (result == 0) {
            result = client_receive(worker->client, ANSWER_MS, &answer, &worker->error);
        }
        if (result == 0) {
            result = count_receipts(worker, &answer, &seq);
        }
        if (result == 0 && worker->live && wait_live(worker, seq, LIVE_MS / WARM_UP_TRIES, NULL) == 0) {
            break;
        }
    }
    uint32_t bytes = worker->result.event_bytes;
    worker->result = (struct load_result){.event_bytes = bytes};
    return result;
}

static void *run_worker(void *data) {
    struct worker *worker = data;
    int result = warm_up(worker);
    pthread_barrier_wait(worker->ready);
    worker->until_us =
        worker->options->seconds > 0 ? clock_monotonic_us() + worker->options->seconds * 1000000 : INT64_MAX;
    result = result != 0 ? result : work(worker);
    worker->broken = result != 0;
    return NULL;
}

static int open_worker(struct worker *worker, struct error *error) {
    worker->arena = arena_create(ARENA_BYTES);
    if (!worker->arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = session_connect(worker->options->session, EDGE_SUBMIT, &worker->client, error);
    if (result == 0 && worker->options->live) {
        result = subscription_open(&worker->live, worker->options->session, EDGE_LIVE, "", error);
    }
    return result;
}

static void close_worker(struct worker *worker) {
    subscription_close(&worker->live);
    client_close(&worker->client);
    arena_destroy(&worker->arena);
    buffer_free(&worker->frame);
}

/* ---- all of them ---- */

static void merge(struct load_result *into, const struct load_result *from) {
    into->stored += from->stored;
    into->busy += from->busy;
    into->failed += from->failed;
    into->event_bytes = from->event_bytes;
    histogram_merge(&into->receipt_us, &from->receipt_us);
    histogram_merge(&into->live_us, &from->live_us);
}

static int run_workers(struct worker *workers, uint32_t count, struct load_result *result, struct error *error) {
    pthread_barrier_t ready;
    pthread_barrier_init(&ready, NULL, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        workers[i].ready = &ready;
        /* A thread that does not start would leave the others waiting for it: that is the end of a benchmark. */
        if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0) {
            abort();
        }
    }
    pthread_barrier_wait(&ready);
    int64_t start_us = clock_monotonic_us();
    int status = 0;
    for (uint32_t i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        merge(result, &workers[i].result);
        if (workers[i].broken && status == 0) {
            *error = workers[i].error;
            status = -(int)error->code;
        }
    }
    result->seconds = (double)(clock_monotonic_us() - start_us) / 1e6;
    pthread_barrier_destroy(&ready);
    return status;
}

int load_run(const struct load_options *options, struct load_result *result, struct error *error) {
    struct worker *workers = calloc(options->clients, sizeof *workers);
    atomic_uint_fast64_t left;
    atomic_init(&left, options->events > 0 ? options->events : UINT64_MAX);
    *result = (struct load_result){0};
    if (!workers) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int status = 0;
    for (uint32_t i = 0; i < options->clients && status == 0; i++) {
        workers[i] = (struct worker){.options = options, .index = i, .left = &left};
        status = open_worker(&workers[i], error);
    }
    if (status == 0) {
        status = run_workers(workers, options->clients, result, error);
    }
    for (uint32_t i = 0; i < options->clients; i++) {
        close_worker(&workers[i]);
    }
    free(workers);
    return status;
}
