/* Live totals for benchmarks: a SUB on the aggregator's door that waits until a number is folded. */
#pragma once

#include "services/chaoxun/session.h"

struct live;

int live_open(struct live **live, const struct session *session, struct error *error);
void live_close(struct live **live);

/* Waits until the aggregator told a position at or behind `seq`; -ERR_TIMED_OUT. */
int live_wait(struct live *live, uint64_t seq, int timeout_ms, struct error *error);
