/* The saver: writes the tally's state file from time to time, on libuv's thread pool, so that the loop never waits for
 * the disk. One write at a time. No space is waited for; any other error of the disk ends the process.
 *
 * A save goes in parts, between which folding goes on. After as many pages as had changed when it began, the rest, which
 * changed meanwhile, is one last part: so a save ends, however fast the stream is. While the fold is far behind the
 * journal, a save comes only every SAVER_REST_MS: what would be lost by a crash is folded again in less time.
 */
#pragma once

#include "common/service.h"
#include "services/aggregator/store.h"

#define SAVER_REST_MS 15000

struct saver {
    struct service *service;
    struct tally *tally;
    struct store *store; /* used by one thread at a time: by the pool's while `writing` */
    struct snapshot snapshot;
    uv_timer_t timer;
    uv_work_t work;
    uint64_t pause_ms;  /* from a change to its save, as the settings want it */
    uint64_t before_ms; /* the same, as the last request wants it */
    uint32_t quota;     /* pages that the save under way takes part by part */
    bool open;
    bool writing;
    bool again; /* something changed since the save under way, or the last one, began */
    bool closing;
    int result; /* of the last write */
    struct error error;
    void (*taking)(void *data);
    void *data;
    void (*finished)(void *data);
    void *finished_data;
};

struct saver_options {
    struct service *service;
    struct tally *tally;
    struct store *store;
    void (*taking)(void *data); /* before each part: the position may be saved with it */
    void *data;
};

int saver_open(struct saver *saver, const struct saver_options *options, struct error *error);

/* The tally changed: it will be saved within SAVE_MS, or within SAVER_REST_MS when it is far behind the journal. */
void saver_request(struct saver *saver, bool behind);

/* Saves what there is, then calls `finished`, once. */
void saver_finish(struct saver *saver, void (*finished)(void *data), void *data);

/* Closes the store too, at once or when a write that is under way ends. */
void saver_close(struct saver *saver);
