/* Names: each text once, by number (unit paths, measures and their units).
 *
 * Numbers rise from 0 in the order of first use and never change, so that the same stream gives the same numbers.
 * Texts move when a name is added: do not keep views across names_number.
 */
#pragma once

#include "proto/types.h"
#include "services/aggregator/table.h"

#define NAME_NONE TABLE_NONE

struct names {
    char *texts;
    uint32_t length;
    uint32_t texts_capacity;
    uint32_t *ends; /* of name n; it begins where n - 1 ends */
    uint32_t count;
    uint32_t capacity;
    struct table table;
};

void names_start(struct names *names);
void names_free(struct names *names);

/* The number of `text`, which is added when it is new; NAME_NONE when there is no memory. */
uint32_t names_number(struct names *names, struct text text);

uint32_t names_find(const struct names *names, struct text text); /* NAME_NONE when it is not there */
struct text names_text(const struct names *names, uint32_t number);

/* The order of their bytes, which is that of their characters. */
int names_compare(struct text a, struct text b);
