/* How often a test that walks by seeds does so. Alone a test takes all of its seeds; where each costs twenty times as much,
 * as under valgrind, CHAOXUN_ROUNDS=N lets it take the first Nth of them, which run through the same lines.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>

/* Of the rounds of a test, those to take: at least `least`. */
static inline uint64_t rounds_of(uint64_t all, uint64_t least) {
    const char *text = getenv("CHAOXUN_ROUNDS");
    uint64_t part = text ? strtoull(text, NULL, 10) : 1;
    uint64_t taken = part > 1 ? all / part : all;
    return taken > least ? taken : least;
}
