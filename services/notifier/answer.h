/* Answers about notices, made from the store. What they point to lies in the arena. Without memory -ERR_NO_MEMORY. */
#pragma once

#include "services/notifier/notifier.h"

#define ANSWER_CURSOR_SIZE 24

/* The notices of a query, whose `within` is settled; newest first. */
int answer_notices(struct notifier *notifier, const struct wire_notices_query *query, struct text within,
                   struct wire_notices_answer *answer, struct error *error);

/* missed.c: which units had notices since a position, whose seq is `since`. */
int answer_missed(struct notifier *notifier, const struct wire_missed_query *query, struct text within, uint64_t since,
                  struct wire_missed_answer *answer, struct error *error);

/* A cursor that is a seq: what a query without one begins at stays in `*seq`. -ERR_BAD_QUERY. */
int answer_read_cursor(struct text cursor, int64_t *seq, struct error *error);

/* The paths of a row of notices as a list; without memory `*kept` is false. */
struct list answer_units(struct text units, struct arena *arena, bool *kept);

/* One notice with a page of its messages. -ERR_NOT_FOUND, -ERR_BAD_QUERY: a cursor of another answer. */
int answer_notice(struct notifier *notifier, const struct wire_notice_query *query, struct text within,
                  struct wire_notice_status *answer, struct error *error);

/* answer_page.c: a page of its messages, each with when its recipient had read it, and behind the last one of who read,
 * confirmed and answered it. On the first page sums over all of them. */
int answer_page(struct notifier *notifier, const struct wire_notice_query *query, const struct reached_by *by,
                struct wire_notice_status *answer, struct error *error);

/* preview.c: whom a notice would reach and what it would say; nothing is sent. */
int answer_preview(struct notifier *notifier, const struct wire_preview_query *query,
                   struct wire_preview_answer *answer, struct error *error);

/* rules/answer_rules.c: the rules of `within` and of what lies under it. -ERR_NOT_FOUND when one is named that is not there. */
int answer_rules(struct notifier *notifier, const struct wire_rules_query *query, struct text within,
                 struct wire_rules_answer *answer, struct error *error);

/* answer_desk.c: what is held of `within` and below, and how the channels are, as long as they are there. */
int answer_held(struct notifier *notifier, const struct wire_held_query *query, struct text within,
                struct wire_held_answer *answer, struct error *error);
int answer_channels(struct notifier *notifier, struct wire_channels_answer *answer, struct error *error);

/* rules/answer_silences.c: the silences of `within` and of what lies under it, and the quiet hours. */
int answer_silences(struct notifier *notifier, const struct wire_silences_query *query, struct text within,
                    struct wire_silences_answer *answer, struct error *error);

/* Where the notifier stands, in the arena; NULL without memory. */
const char *answer_as_of(struct notifier *notifier);

static inline int answer_no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}
