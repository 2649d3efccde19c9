/* Answers of services as JSON on standard output. */
#pragma once

#include "proto/json.h"

/* One value, indented, with a line's end. */
void document_print(const struct shape *shape, const void *value);

/* The same on one line. */
void document_print_line(const struct shape *shape, const void *value);
