/* What the tests of intake share: valid events of each served type, with Chinese text. */
#pragma once

#include "proto/event.h"

/* An event with its body beside it; it borrows literals only. */
struct built_event {
    struct event event;
    union event_body body;
    struct text units[4]; /* of an activity */
    struct text programme;
};

#define BUILT_AT INT64_C(1600000000000) /* `at` of every built event, 2020-09-13 */

/* An id of version 7 whose time is `at`; the same numbers give the same id. */
struct id built_id(int64_t at, uint32_t number);

/* Makes a valid event of `type` for `unit`; id built_id(BUILT_AT, number). */
void built_event(struct built_event *built, enum event_type type, const char *unit, uint32_t number);

void built_unit(struct built_event *built, const char *path, const char *name, bool closed);
void built_account(struct built_event *built, const char *unit, const char *name, enum role role);
void built_client(struct built_event *built, const char *unit, const char *name, const char *key, enum role role);

/* Two keys of 40 characters that differ in the first. */
#define BUILT_KEY_A "aVOq(6iY0?>E1#Wc0gBGt8vV4m!9tZ-Lx7Rk2NpQ"
#define BUILT_KEY_B "bVOq(6iY0?>E1#Wc0gBGt8vV4m!9tZ-Lx7Rk2NpQ"
