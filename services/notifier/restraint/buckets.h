/* The buckets in notifier.db, so that a start does not forget what went. They hold numbers of recipients and names of
 * robots, never addresses. Writing takes place within the caller's transaction. Errors as of database.h.
 */
#pragma once

#include "services/notifier/restraint/bucket.h"
#include "services/notifier/statement.h"

#define BUCKETS_STATEMENTS 2

struct buckets {
    struct database *database;
    sqlite3_stmt *statements[BUCKETS_STATEMENTS];
};

/* What a bucket is of. */
struct bucket_key {
    const char *kind; /* day, urgent, robot or provider */
    const char *of;   /* number of the recipient, name of the robot; "" of a provider */
    const char *channel;
};

/* Makes its table where there is none. */
int buckets_open(struct buckets *buckets, struct database *database, struct error *error);
void buckets_close(struct buckets *buckets);

/* An empty one where there is none. 0 or < 0. */
int buckets_get(struct buckets *buckets, const struct bucket_key *key, struct bucket *bucket, struct error *error);
int buckets_put(struct buckets *buckets, const struct bucket_key *key, const struct bucket *bucket,
                struct error *error);
