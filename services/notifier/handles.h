/* Handles: the names that providers gave to messages which they took ("tencent:5000:1045..."), for those whose reports do
 * not hand back ours. Kept for a week; the journal has them in the delivery.updated that says "accepted", so that they are
 * known again after everything was folded anew (of what went out before that field was there, they are not: such a report
 * is asked for, where that can be done, inquiry.h).
 *
 * Each row carries a checksum; one that does not fit is as if it were not there. Errors as of database.h.
 */
#pragma once

#include "proto/types.h"
#include "services/notifier/channels/channel.h"
#include "services/notifier/statement.h"

#define HANDLES_KEPT_MS (7 * 24 * INT64_C(3600000))
#define HANDLES_STATEMENTS 3

struct handles {
    struct database *database;
    sqlite3_stmt *statements[HANDLES_STATEMENTS];
};

int handles_open(struct handles *handles, struct database *database, struct error *error);
void handles_close(struct handles *handles);

/* Keeps it from `now` on (ms since 1970 UTC), and lets the oldest go. Within the caller's transaction. */
int handles_put(struct handles *handles, const char *handle, const struct id *ref, int32_t attempt, int64_t now,
                struct error *error);

/* 1 and which attempt of which message it names, 0 when it is not known. */
int handles_get(struct handles *handles, const char *handle, struct id *ref, int32_t *attempt, struct error *error);
