/* The pauses. */
#include "services/notifier/backoff.h"

#define PER_MILLE 1000
#define SPREAD 100 /* per mille, to either side */

/* Mixes salt and attempt (the finaliser of MurmurHash3), so that each attempt of a message is spread anew. */
static uint64_t mix(uint64_t salt, int32_t attempt) {
    uint64_t mixed = salt ^ (uint64_t)attempt * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    mixed = (mixed ^ mixed >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    return mixed ^ mixed >> 33;
}

int64_t backoff_pause(int64_t first_ms, int64_t most_ms, int32_t attempt, uint64_t salt) {
    int64_t pause = first_ms < most_ms ? first_ms : most_ms;
    for (int32_t i = 1; i < attempt && pause < most_ms; i++) {
        pause = pause > most_ms / 2 ? most_ms : pause * 2;
    }
    int64_t share = PER_MILLE - SPREAD + (int64_t)(mix(salt, attempt) % (2 * SPREAD + 1));
    int64_t spread = pause * share / PER_MILLE;
    return spread > 0 ? spread : 1;
}
