/* The saver. */
#include "services/aggregator/saver.h"

#include <inttypes.h>

#define SPACE_RETRY_MS 1000

static void save(struct saver *saver);

static void on_timer(uv_timer_t *timer) {
    save(timer->data);
}

static void on_work(uv_work_t *work) {
    struct saver *saver = work->data;
#ifdef PLANTED_RACE /* a test builds this: the figures are read while the loop folds, and ThreadSanitizer must notice */
    (void)store_snapshot(saver->tally, &saver->snapshot);
#endif
    saver->result = store_write(saver->store, &saver->snapshot, &saver->error);
}

static void release(struct saver *saver) {
    store_close(saver->store);
    snapshot_free(&saver->snapshot);
}

static void on_written(uv_work_t *work, int status) {
    struct saver *saver = work->data;
    (void)status;
    saver->writing = false;
    if (saver->result < 0 && saver->result != -ERR_NO_SPACE && saver->result != -ERR_BUSY) {
        service_fail(saver->service, EX_IOERR, &saver->error);
    }
    if (saver->closing) {
        release(saver);
        return;
    }
    if (saver->result < 0) {
        log_write(&saver->service->log, LOG_LEVEL_WARN, "state not saved, trying again", "why=%s",
                  error_wire((enum error_code) - saver->result));
        uv_timer_start(&saver->timer, on_timer, SPACE_RETRY_MS, 0);
    } else {
        metrics_add(&saver->service->metrics, METRIC_SAVES, 1);
    }
    if (saver->finished && (saver->result < 0 || !saver->again)) {
        saver->finished(saver->finished_data);
        saver->finished = NULL;
    } else if (saver->result == 0 && saver->again) {
        uv_timer_start(&saver->timer, on_timer, saver->finished ? 0 : saver->pause_ms, 0);
    }
}

/* A snapshot that could not be written is written before another one is taken: none is lost, and it does not grow. */
static void save(struct saver *saver) {
    if (saver->writing) {
        saver->again = true;
        return;
    }
    if (saver->result == 0) {
        saver->again = false;
        if (store_snapshot(saver->tally, &saver->snapshot) < 0) {
            error_set(&saver->error, ERR_NO_MEMORY, (struct error_words){0});
            service_fail(saver->service, EX_SOFTWARE, &saver->error);
        }
    }
    saver->writing = true;
    if (uv_queue_work(saver->service->loop, &saver->work, on_work, on_written) != 0) {
        error_set(&saver->error, ERR_NO_MEMORY, (struct error_words){0});
        service_fail(saver->service, EX_SOFTWARE, &saver->error);
    }
}

int saver_open(struct saver *saver, struct service *service, struct tally *tally, struct store *store,
               struct error *error) {
    *saver = (struct saver){.service = service, .tally = tally, .store = store};
    saver->pause_ms = (uint64_t)config_int(service->config, SETTING_SAVE_MS);
    saver->timer.data = saver;
    saver->work.data = saver;
    int result = uv_timer_init(service->loop, &saver->timer);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    saver->open = true;
    return 0;
}

void saver_request(struct saver *saver) {
    saver->again = true;
    if (!saver->writing && !uv_is_active((uv_handle_t *)&saver->timer)) {
        uv_timer_start(&saver->timer, on_timer, saver->pause_ms, 0);
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
