/* Throttling of sign-ins: a fixed table of subjects with the times of their last tries. */
#include "services/portal/throttle.h"

#include <sodium.h>

#define NEVER INT64_MIN

_Static_assert(sizeof(((struct throttle *)0)->salt) == crypto_shorthash_KEYBYTES, "the salt keys the hash");

void throttle_init(struct throttle *throttle) {
    *throttle = (struct throttle){0};
    randombytes_buf(throttle->salt, sizeof throttle->salt);
}

static uint64_t key_of(const struct throttle *throttle, struct text subject) {
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, (const unsigned char *)subject.data, subject.length, throttle->salt);
    uint64_t key;
    memcpy(&key, hash, sizeof key);
    return key ? key : 1;
}

static int find(const struct throttle *throttle, uint64_t key) {
    for (int i = 0; i < THROTTLE_SUBJECTS; i++) {
        if (throttle->subjects[i].key == key) {
            return i;
        }
    }
    return -1;
}

int64_t throttle_wait(const struct throttle *throttle, struct text subject, int64_t now) {
    int index = find(throttle, key_of(throttle, subject));
    if (index < 0) {
        return 0;
    }
    int64_t oldest = INT64_MAX;
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        int64_t at = throttle->subjects[index].tries[i];
        oldest = at < oldest ? at : oldest;
    }
    if (oldest == NEVER || now - oldest >= THROTTLE_WINDOW_MS) {
        return 0;
    }
    return THROTTLE_WINDOW_MS - (now - oldest);
}

static int64_t newest_try(const struct throttle_subject *subject) {
    int64_t newest = NEVER;
    for (int i = 0; subject->key && i < THROTTLE_TRIES; i++) {
        newest = subject->tries[i] > newest ? subject->tries[i] : newest;
    }
    return newest;
}

/* The subject of `key`, or the one that was quiet longest, made into it. */
static struct throttle_subject *claim(struct throttle *throttle, uint64_t key) {
    int index = find(throttle, key);
    if (index >= 0) {
        return &throttle->subjects[index];
    }
    struct throttle_subject *quiet = &throttle->subjects[0];
    for (int i = 1; i < THROTTLE_SUBJECTS; i++) {
        if (newest_try(&throttle->subjects[i]) < newest_try(quiet)) {
            quiet = &throttle->subjects[i];
        }
    }
    quiet->key = key;
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        quiet->tries[i] = NEVER;
    }
    return quiet;
}

void throttle_count(struct throttle *throttle, struct text subject, int64_t now) {
    struct throttle_subject *claimed = claim(throttle, key_of(throttle, subject));
    int oldest = 0;
    for (int i = 1; i < THROTTLE_TRIES; i++) {
        if (claimed->tries[i] < claimed->tries[oldest]) {
            oldest = i;
        }
    }
    claimed->tries[oldest] = now;
}

void throttle_give_back(struct throttle *throttle, struct text subject) {
    int index = find(throttle, key_of(throttle, subject));
    if (index < 0) {
        return;
    }
    struct throttle_subject *claimed = &throttle->subjects[index];
    int newest = 0;
    for (int i = 1; i < THROTTLE_TRIES; i++) {
        if (claimed->tries[i] > claimed->tries[newest]) {
            newest = i;
        }
    }
    claimed->tries[newest] = NEVER;
}

void throttle_forgive(struct throttle *throttle, struct text subject) {
    int index = find(throttle, key_of(throttle, subject));
    if (index >= 0) {
        throttle->subjects[index] = (struct throttle_subject){0};
    }
}
