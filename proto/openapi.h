/* The OpenAPI 3.1 description of the HTTP door, made from the tables (spec.openapis.org/oas/v3.1.0).
 *
 * Paths come from tables/http.def, schemas from the shapes. Served by the portal at /api/v1/openapi.json.
 */
#pragma once

#include <jansson.h>

/* A new reference, or NULL without memory. */
json_t *openapi_document(void);
