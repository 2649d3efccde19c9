/* Answers of services on standard output: as JSON, and texts on one line. */
#pragma once

#include <stdio.h>

#include "proto/json.h"

/* One value, indented, with a line's end. */
void document_print(const struct shape *shape, const void *value);

/* The same on one line. */
void document_print_line(const struct shape *shape, const void *value);

/* Writes a text with its line ends and tabs as spaces. */
void document_write_flat(FILE *out, struct text text);

/* Rows of CSV under their header, as they are; `rows` is freed. -ERR_NO_MEMORY where they could not be made. */
int document_print_rows(const char *header, struct buffer *rows, struct error *error);

/* The JSON object on standard input, at most 64 KiB; NULL with `error`. */
json_t *document_read(struct error *error);
