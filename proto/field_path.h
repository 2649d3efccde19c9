/* Field paths: where in a document the decoder is, as a chain on the stack; made into text only for a fault.
 *
 *     struct field_path body = {.name = text_of("body")};
 *     struct field_path list = {.above = &body, .name = text_of("measures")};
 *     struct field_path item = {.above = &list, .index = 2};         body.measures[2]
 */
#pragma once

#include "proto/types.h"

struct field_path {
    const struct field_path *above; /* NULL at the root */
    struct text name;               /* .data NULL: an item of the list above, by `index` */
    uint32_t index;
};

/* Writes the text form, cut to `size` - 1 bytes; the root alone (NULL) is empty. Returns its length. */
size_t field_path_format(const struct field_path *path, char *out, size_t size);
