/* Follows the stream from a position, event by event, and verifies the chain as it goes. Blocking, one thread.
 *
 * The connection heals by itself: when intake restarts or falls silent, the stream is opened again where the follower
 * stands. From the beginning every block's hash is checked; from a position further on, every block behind the first
 * (a position holds only a part of the hash).
 */
#pragma once

#include "common/client.h"
#include "common/journal/journal.h"

struct follower;

/* Opens the stream of `client` (connected to STREAM; borrowed). Waits up to `timeout_ms` for intake's answer.
 * -ERR_UNAVAILABLE without one; refusals (no right, position of another journal) as intake says them. */
int follower_open(struct follower **follower, struct client *client, const struct position *from, bool side,
                  int timeout_ms, struct error *error);
void follower_close(struct follower **follower);

/* The next event: 1, 0 when none came within `timeout_ms`, < 0 error (ERR_CORRUPT: the chain does not fit). The event
 * lives until the next call. */
int follower_next(struct follower *follower, int timeout_ms, struct event *event, struct error *error);

/* The journal's head as last told, and where the follower stands (the end of the last block it was given). */
struct position follower_head(const struct follower *follower);
struct position follower_position(const struct follower *follower);

/* Whether intake was silent for longer than a second and is being asked again. */
bool follower_is_waiting(const struct follower *follower);
