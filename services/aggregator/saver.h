/* The saver: writes the tally's state file from time to time, on libuv's thread pool, so that the loop never waits for
 * the disk. One write at a time. No space is waited for; any other error of the disk ends the process. */
#pragma once

#include "common/service.h"
#include "services/aggregator/store.h"

struct saver {
    struct service *service;
    struct tally *tally;
    struct store *store; /* used by one thread at a time: by the pool's while `writing` */
    struct snapshot snapshot;
    uv_timer_t timer;
    uv_work_t work;
    uint64_t pause_ms; /* from a change to its save */
    bool open;
    bool writing;
    bool again; /* something changed since the last snapshot */
    bool closing;
    int result; /* of the last write */
    struct error error;
    void (*finished)(void *data);
    void *finished_data;
};

int saver_open(struct saver *saver, struct service *service, struct tally *tally, struct store *store,
               struct error *error);

/* The tally changed: it will be saved within SAVE_MS. */
void saver_request(struct saver *saver);

/* Saves what there is, then calls `finished`, once. */
void saver_finish(struct saver *saver, void (*finished)(void *data), void *data);

/* Closes the store too, at once or when a write that is under way ends. */
void saver_close(struct saver *saver);
