/* The organisation that the first start creates: a brigade and its squads from a JSON file, and the office's account.
 *
 *     {"brigade": {"code": "haining", "name": "..."}, "squads": [{"code": "xucun", "short": "...", "name": "..."}]}
 *
 * Further members are for others. The ids of the events follow from their content and `at`, so that the same file at a
 * later start gives duplicates, and an edited one new events for what was edited. */
#pragma once

#include "proto/codec.h"

#define ORGANISATION_EVENTS_MAX 200

struct organisation {
    struct event events[ORGANISATION_EVENTS_MAX];
    uint32_t count;
    struct arena *arena;
    struct text brigade; /* its path */
};

/* -ERR_BAD_JSON, or the fault of the first field that intake would refuse. `at` in ms. */
int organisation_read(struct organisation *organisation, const char *path, int64_t at, struct error *error);
int organisation_parse(struct organisation *organisation, struct text json, int64_t at, struct error *error);
void organisation_free(struct organisation *organisation);
