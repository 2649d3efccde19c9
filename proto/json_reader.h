/* The reader of JSON that shapes and events share. Private to proto. */
#pragma once

#include <jansson.h>

#include "common/arena.h"
#include "proto/validate.h"

struct json_reader {
    struct arena *arena;
    struct faults *faults;
    bool no_memory; /* noted as a fault; reading ends */
};

/* Reads an object into `value` (a struct wire_<shape>): sets the members that are in order and their bits. MAP fields
 * are only tested for being objects: their bits stay clear, the caller looks into them. */
void json_read_map(struct json_reader *reader, const struct shape *shape, struct map_rules rules, const json_t *json,
                   const struct field_path *above, void *value);

/* The value of what JSON writes as a string, of any kind that it does so. False with a fault when it is none. */
bool json_read_string(struct json_reader *reader, enum field_kind kind, struct text text, const struct field_path *path,
                      void *value);
