/* Buckets. */
#include "services/notifier/restraint/bucket.h"

static int64_t burst(const struct pace *pace) {
    return pace->messages >= 8 ? pace->messages / 4 : 1;
}

/* Between two, once those that may go at once went. */
static int64_t interval(const struct pace *pace) {
    int64_t others = pace->messages - burst(pace) + (burst(pace) == 1);
    return (pace->per_ms + others - 1) / others;
}

int64_t bucket_free_at(const struct bucket *bucket, const struct pace *pace, int64_t now) {
    int64_t at = bucket->at - (burst(pace) - 1) * interval(pace);
    return at > now ? at : now;
}

void bucket_take(struct bucket *bucket, const struct pace *pace, int64_t now) {
    bucket->at = (bucket->at > now ? bucket->at : now) + interval(pace);
}

int64_t bucket_promise(struct bucket *bucket, const struct pace *pace, int64_t now) {
    int64_t at = bucket_free_at(bucket, pace, now);
    if (bucket->more >= now && bucket->more + interval(pace) > at) {
        at = bucket->more + interval(pace);
    }
    bucket->more = at;
    return at;
}

int64_t bucket_of_day(const struct bucket *bucket, int64_t day) {
    return bucket->at == day ? bucket->more : 0;
}

void bucket_count(struct bucket *bucket, int64_t day) {
    bucket->more = bucket_of_day(bucket, day) + 1;
    bucket->at = day;
}
