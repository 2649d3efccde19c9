/* Throttling of sign-ins: at most THROTTLE_TRIES failures a minute per account and per address.
 *
 * An attempt counts when it begins, so that a thousand at once are not a thousand guesses, and is given back when it
 * succeeds. Memory is fixed: of THROTTLE_SUBJECTS subjects the one that was quiet longest makes room. Pure: the caller
 * hands in the clock (ms, monotonic).
 */
#pragma once

#include <stdint.h>

#include "proto/types.h"

#define THROTTLE_TRIES 5
#define THROTTLE_WINDOW_MS 60000
#define THROTTLE_SUBJECTS 1024

struct throttle_subject {
    uint64_t key; /* hash of the subject; 0: unused */
    int64_t tries[THROTTLE_TRIES];
};

struct throttle {
    struct throttle_subject subjects[THROTTLE_SUBJECTS];
    uint8_t salt[16]; /* so that nobody can choose subjects that collide */
};

void throttle_init(struct throttle *throttle);

/* The milliseconds until `subject` ("account:..." or "address:...") may try again; 0: now. */
int64_t throttle_wait(const struct throttle *throttle, struct text subject, int64_t now);

/* Counts an attempt that begins. */
void throttle_count(struct throttle *throttle, struct text subject, int64_t now);

/* The attempt that began last succeeded: it does not count (one own account must not clear an address). */
void throttle_give_back(struct throttle *throttle, struct text subject);

/* The attempts of `subject` were honest: forgets them all. */
void throttle_forgive(struct throttle *throttle, struct text subject);
