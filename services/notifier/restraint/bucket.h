/* Buckets: how much may still go to a provider, a robot, a recipient. Pure.
 *
 * A pace lets a quarter of its messages go at once and spreads the others, so that no span of its length, wherever it
 * begins, ever holds more than its messages. (The virtual scheduling of ITU-T I.371, "generic cell rate algorithm".)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bucket {
    int64_t at;   /* of a pace: when all that went is made good; of a day: that day */
    int64_t more; /* of a pace: the latest time that was named to a message that waits; of a day: how many went */
};

struct pace {
    int32_t messages; /* 0: there is none */
    int32_t per_ms;
};

/* When the next one may go: `now` or later. */
int64_t bucket_free_at(const struct bucket *bucket, const struct pace *pace, int64_t now);

/* One goes, now: only when bucket_free_at() says so. */
void bucket_take(struct bucket *bucket, const struct pace *pace, int64_t now);

/* One has to wait: when it may be looked at again, behind the others that wait. */
int64_t bucket_promise(struct bucket *bucket, const struct pace *pace, int64_t now);

/* How many went on this day; and one more. */
int64_t bucket_of_day(const struct bucket *bucket, int64_t day);
void bucket_count(struct bucket *bucket, int64_t day);
