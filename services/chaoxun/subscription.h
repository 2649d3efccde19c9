/* A subscription to one of the lossy doors (live totals, notices): each message tells a position, a wake-up only.
 *
 * One thread; calls block. The connection heals by itself, what was told meanwhile is lost.
 */
#pragma once

#include "proto/position.h"
#include "services/chaoxun/session.h"

struct subscription;

/* Subscribes at an XPUB edge to what begins with `topic` (a unit's path; "" is all). Does not wait for the service. */
int subscription_open(struct subscription **subscription, const struct session *session, enum edge edge,
                      const char *topic, struct error *error);
void subscription_close(struct subscription **subscription);

/* Waits for the next message: 1 with its position, 0 when none came within `timeout_ms`. */
int subscription_next(struct subscription *subscription, int64_t timeout_ms, struct position *position);
