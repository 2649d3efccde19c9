/* The live stream: server-sent events with the rows that changed (GET /api/v1/live).
 *
 * The aggregator's XPUB is a wake-up only; what changed is then asked for once (changed_since) and told to every
 * listener. A wake-up that was lost is made good by asking every LIVE_POLL_MS while anyone listens. Events:
 *   totals   {as_of, rows}, `id` is as_of; a new listener first gets every row, one with Last-Event-ID what changed since
 *   problem  a problem document: the aggregator does not answer; the stream goes on by itself
 * A listener holds one event at most: one that reads slowly is skipped forward (board.h). Keep-alives are comments.
 * Listeners whose connection, session or account has ended are closed. At most `live-streams` at a time.
 */
#pragma once

#include "services/portal/portal.h"

#define LIVE_POLL_MS 2000
#define LIVE_PAUSE_MS 20 /* between two questions, under a storm of changes */

struct listener;

int live_open(struct live **live, struct portal *portal, struct error *error);
/* Ends all streams, soon. */
void live_end_all(struct live *live);
/* After the callers and the HTTP door were closed. */
void live_close(struct live **live);
