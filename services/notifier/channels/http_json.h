/* JSON on its way into a request. */
#pragma once

#include <jansson.h>

#include "proto/codec.h"

/* Appends it and gives it back; NULL, as json_pack() gives without memory, is -ERR_NO_MEMORY. */
int http_put_json(json_t *value, struct buffer *out);
