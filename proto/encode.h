/* The encoder that shapes and events share. Private to proto.
 *
 * Every shape's struct begins with `present`; `fields` picks among its bits. What does not fit into memory is
 * remembered by the buffer (`failed`).
 */
#pragma once

#include <msgpack.h>

#include "proto/codec.h"
#include "proto/shape.h"

msgpack_packer encode_packer(struct buffer *out);
void encode_text(msgpack_packer *packer, struct text text);

/* How many of `fields` are there. */
unsigned encode_count(uint64_t fields, const void *value);

/* Keys and values of `fields` that are there, in the order of the table; the caller has packed the map's header. */
void encode_fields(msgpack_packer *packer, const struct shape *shape, uint64_t fields, const void *value);

/* Header and fields. */
void encode_map(msgpack_packer *packer, const struct shape *shape, uint64_t fields, const void *value);
