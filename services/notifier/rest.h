/* Rest: a provider that is away is not asked again and again for each of ten thousand recipients, and the journal not told
 * of each try.
 *
 * When as many messages as are under way at a time met a passing fault one after the other, the channel rests: for the
 * first pause of a retry, then for twice as long, at most REST_MOST_MS. Then so many are tried again. One that meets
 * no fault ends it. Pure.
 */
#pragma once

#include "services/notifier/course.h"

#define REST_MOST_MS 30000

struct rest {
    int64_t faults; /* in a row */
    int64_t until;  /* monotonic, ms */
};

/* What came of a message. `parallel`: how many are under way at a time. */
void rest_note(struct rest *rest, enum outcome outcome, int parallel, const struct course_rules *rules, int64_t now);

/* How long it lasts from now on, in ms; 0: it does not rest. */
int64_t rest_left(const struct rest *rest, int64_t now);
