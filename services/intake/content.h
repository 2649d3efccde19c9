/* Content: whether an event that comes again says the same as the one that is kept.
 *
 * Compared by canonical bytes: the head without what intake added (seq, received_at, source, commitment, warnings), and the
 * side by its commitment, made again with the stored salt. When the stored side was erased (no salt) the heads alone
 * decide: so the same message can neither bring a person back nor be called a conflict.
 */
#pragma once

#include "proto/codec.h"

/* Buffers that are used again; zero-initialised is empty. */
struct content {
    struct buffer sent;
    struct buffer stored;
};

/* 1 the same, 0 not, -ERR_NO_MEMORY. `stored` is decoded from its head; `salt` is empty when there is no side. */
int content_same(struct content *content, const struct event *sent, const struct event *stored, struct text salt);
void content_free(struct content *content);
