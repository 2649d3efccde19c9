/* A walk along the stream, from the beginning to the head of the moment. Blocks: about a second per some hundred thousand
 * events. */
#pragma once

#include "proto/event.h"
#include "services/chaoxun/session.h"

/* Told of each event, which lives until the next; < 0 ends the walk with that error. */
typedef int (*walk_each)(void *data, const struct event *event, struct error *error);

/* `side`: with personal data and free text, which takes the right to it. */
int walk_stream(const struct session *session, bool side, walk_each each, void *data, struct error *error);
