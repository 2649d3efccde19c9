/* An uploaded file: the body itself, or the file of a multipart form. */
#pragma once

#include "services/portal/exchange.h"

/* The CSV file that a request brings: `file` is a view of the body, or of `part`, which the caller frees. Media types
 * text/csv, text/plain, application/vnd.ms-excel, application/octet-stream and multipart/form-data (its first part
 * with a file name, or one named "file"). -ERR_BAD_MEDIA, -ERR_MISSING, -ERR_NO_MEMORY. */
int upload_read(const struct exchange *exchange, struct buffer *part, struct text *file, struct error *error);
