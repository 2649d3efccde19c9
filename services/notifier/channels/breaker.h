/* A circuit breaker: who failed again and again is left alone for a while, then tried with one message. Pure.
 *
 *   closed ──so many faults in a row─────────► open ──its time is up──► half open: one message goes as a probe
 *      ▲                                        ▲                            │
 *      └───────────── an answer ────────────────┼────────────────────────────┤
 *                                               └──── a fault: twice as long ┘
 *
 * A fault is RETRY, MISCONFIGURED or UNKNOWN: no answer counts, whether bytes went out or not. That it is asked for too
 * fast (RATE) says nothing about whether it works. Any other answer shows that it does, also a refusal.
 *
 * How many faults: as many as messages are under way at a time, at least BREAKER_FAULTS. A mail server that asks for
 * patience once for each recipient (greylisting) would otherwise be left alone again and again while it works.
 */
#pragma once

#include "services/notifier/channels/channel.h"

#define BREAKER_FAULTS 5
#define BREAKER_MOST_MS 30000

struct breaker_rules {
    int32_t faults;   /* in a row, until it opens */
    int64_t first_ms; /* until the first probe */
    int64_t most_ms;
};

/* `parallel`: messages under way at a time; `first_ms` and `most_ms`: pauses of a retry. */
struct breaker_rules breaker_rules(int64_t parallel, int64_t first_ms, int64_t most_ms);

struct breaker {
    bool open;
    bool probing;   /* half open, and the probe is under way */
    int32_t faults; /* in a row */
    int32_t rounds; /* how often it opened in a row */
    int64_t until;  /* monotonic, ms: when a probe may go */
};

enum breaker_turn { BREAKER_STAYS, BREAKER_OPENS, BREAKER_CLOSES };

/* How long until a message may go; 0: now. INT64_MAX: when the probe has its answer. */
int64_t breaker_pause(const struct breaker *breaker, int64_t now);

/* A message goes: of an open one whose time is up it is the probe. */
void breaker_begin(struct breaker *breaker, int64_t now);

/* What came of it. */
enum breaker_turn breaker_note(struct breaker *breaker, enum outcome outcome, const struct breaker_rules *rules,
                               int64_t now);
