/* The one log of all services: a file that is turned over by size, LOGBOOK_FILES of them kept.
 *
 * <data>/chaoxun.log is the newest, .1 and .2 are older. Loop thread only; writes block as files do. A log that cannot
 * be written is no reason to stop: lines are dropped. */
#pragma once

#include "proto/types.h"

#include "common/error.h"

#define LOGBOOK_BYTES (10 * 1024 * 1024)
#define LOGBOOK_FILES 3
#define LOGBOOK_PATH_MAX 4096

struct logbook {
    int descriptor; /* -1: closed */
    int64_t size;
    int64_t limit; /* LOGBOOK_BYTES; tests set another */
    char path[LOGBOOK_PATH_MAX];
};

int logbook_open(struct logbook *logbook, const char *path, struct error *error);
void logbook_close(struct logbook *logbook);

/* One line without its end. */
void logbook_write(struct logbook *logbook, struct text line);
