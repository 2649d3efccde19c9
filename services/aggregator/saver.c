/* The saver. */
#include "services/aggregator/saver.h"

#include <inttypes.h>

#define SPACE_RETRY_MS 1000
#define PART_PAGES 512 /* about 1.5 MB, 2 ms of the loop */

static void save(struct saver *saver);

static void on_timer(uv_timer_t *timer) {
    save(timer->data);
}

static void on_work(uv_work_t *work) {
    struct saver *saver = work->data;
#ifdef PLANTED_RACE /* a test builds this: the figures are read while the loop folds, and ThreadSanitizer must notice */
    (void)store_snapshot(saver->tally, &saver->snapshot, UINT32_MAX);
#endif
    saver->result = store_write(saver->store, &saver->snapshot, &saver->error);
}

static void release(struct saver *saver) {
    store_close(saver->store);
    snapshot_free(&saver->snapshot);
}

static void fail_memory(struct saver *saver) {
    error_set(&saver->error, ERR_NO_MEMORY, (struct error_words){0});
    service_fail(saver->service, EX_SOFTWARE, &saver->error);
}

static void on_written(uv_work_t *work, int status);

static void part(struct saver *saver) {
    uint32_t pages = saver->quota > 0 ? PART_PAGES : UINT32_MAX;
    saver->quota -= saver->quota < PART_PAGES ? saver->quota : PART_PAGES;
    saver->taking(saver->data);
    if (store_snapshot(saver->tally, &saver->snapshot, pages) < 0) {
        fail_memory(saver);
    }
    saver->again = saver->again && !saver->snapshot.last;
    saver->writing = true;
    if (uv_queue_work(saver->service->loop, &saver->work, on_work, on_written) != 0) {
        fail_memory(saver);
    }
}

/* All parts are there, or none. */
static void save_ended(struct saver *saver) {
    saver->writing = false;
    if (saver->result < 0) {
        log_write(&saver->service->log, LOG_LEVEL_WARN, "state not saved, trying again", "why=%s",
                  error_wire((enum error_code) - saver->result));
        if (store_give_back(saver->tally, &saver->snapshot) < 0) {
            fail_memory(saver);
        }
        uv_timer_start(&saver->timer, on_timer, SPACE_RETRY_MS, 0);
    } else {
        metrics_add(&saver->service->metrics, METRIC_SAVES, 1);
    }
    if (saver->finished && (saver->result < 0 || !saver->again)) {
        saver->finished(saver->finished_data);
        saver->finished = NULL;
    } else if (saver->result == 0 && saver->again) {
        uv_timer_start(&saver->timer, on_timer, saver->finished ? 0 : saver->before_ms, 0);
    }
}

static void on_written(uv_work_t *work, int status) {
    struct saver *saver = work->data;
    (void)status;
    if (saver->result < 0 && saver->result != -ERR_NO_SPACE && saver->result != -ERR_BUSY) {
        service_fail(saver->service, EX_IOERR, &saver->error);
    }
    if (saver->closing) {
        release(saver);
    } else if (saver->result == 0 && saver->snapshot.written > 0) {
        part(saver);
    } else {
        save_ended(saver);
    }
}

static void save(struct saver *saver) {
    saver->again = true;
    if (!saver->writing) {
        saver->quota = store_changed(saver->tally);
        part(saver);
    }
}

int saver_open(struct saver *saver, const struct saver_options *options, struct error *error) {
    struct service *service = options->service;
    *saver = (struct saver){.service = service, .tally = options->tally, .store = options->store};
    saver->taking = options->taking;
    saver->data = options->data;
    saver->pause_ms = (uint64_t)config_int(service->config, SETTING_SAVE_MS);
    saver->before_ms = saver->pause_ms;
    saver->timer.data = saver;
    saver->work.data = saver;
    int result = uv_timer_init(service->loop, &saver->timer);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    saver->open = true;
    return 0;
}

void saver_request(struct saver *saver, bool behind) {
    uint64_t rest_ms = saver->pause_ms > SAVER_REST_MS ? saver->pause_ms : SAVER_REST_MS;
    bool sooner = !behind && saver->before_ms > saver->pause_ms;
    saver->again = true;
    saver->before_ms = behind ? rest_ms : saver->pause_ms;
    if (!saver->writing && saver->result == 0 && (sooner || !uv_is_active((uv_handle_t *)&saver->timer))) {
        uv_timer_start(&saver->timer, on_timer, saver->before_ms, 0);
    }
}

void saver_finish(struct saver *saver, void (*finished)(void *data), void *data) {
    saver->finished = finished;
    saver->finished_data = data;
    save(saver);
}

void saver_close(struct saver *saver) {
    if (!saver->open) {
        return;
    }
    saver->open = false;
    saver->closing = true;
    uv_close((uv_handle_t *)&saver->timer, NULL);
    if (!saver->writing) {
        release(saver);
    }
}
