/* Questions from options: fields that are set when the option was given, days, and the next page. */
#pragma once

#include "proto/types.h"
#include "services/chaoxun/options.h"

/* Sets a text field to `value`, when there is one. Borrowed. */
void query_text(const char *value, struct text *text, uint64_t *present, unsigned field);

/* The day behind --<name>. -ERR_USAGE when it is none. */
int query_day(const struct options *options, const char *name, int32_t *day, uint64_t *present, unsigned field,
              struct error *error);

/* Puts the cursor of an answer into the next question, by way of `copy`; false when the answer has none. */
#define QUERY_CURSOR_SIZE 256
bool query_turn_page(struct text found, char copy[QUERY_CURSOR_SIZE], struct text *cursor, uint64_t *present,
                     unsigned field);
