/* The notices of the notifier, newest first, page by page. */
#pragma once

#include "services/chaoxun/session.h"

/* Told of each; false stops. */
typedef bool (*notice_each)(void *data, const struct wire_notice_entry *notice);

/* Asks for notices until `most` were told, `each` had enough, or there are no more. `within` (a unit's path) and
 * `at_least` may be NULL. */
int notices_each(const struct session *session, const char *within, const char *at_least, int64_t most,
                 notice_each each, void *data, struct error *error);

/* The units whom it is for, with commas. */
#define NOTICE_UNITS_SIZE 400
void notice_units(const struct wire_notice_entry *notice, char out[NOTICE_UNITS_SIZE]);
