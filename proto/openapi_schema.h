/* JSON schemas (2020-12) of fields and shapes, for the OpenAPI description. Private to proto. */
#pragma once

#include <jansson.h>

#include "proto/event.h"

/* New references, or NULL without memory. */
json_t *schema_reference(const char *component, const char *suffix); /* {"$ref": "#/components/schemas/..."} */
json_t *schema_of_field(const struct field *field);
json_t *schema_of_fields(const struct shape *shape, uint64_t fields);

/* components.schemas: every shape; for each served type its event, body and side; `event` for any of them. */
json_t *schema_components(void);
