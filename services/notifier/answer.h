/* Answers about notices, made from the store. What they point to lies in the arena. Without memory -ERR_NO_MEMORY. */
#pragma once

#include "services/notifier/notifier.h"

/* The notices of a query, whose `within` is settled; newest first. */
int answer_notices(struct notifier *notifier, const struct wire_notices_query *query, struct text within,
                   struct wire_notices_answer *answer, struct error *error);

/* One notice with its messages. -ERR_NOT_FOUND. */
int answer_notice(struct notifier *notifier, const struct wire_notice_query *query, struct text within,
                  struct wire_notice_status *answer, struct error *error);

/* preview.c: whom a notice would reach and what it would say; nothing is sent. */
int answer_preview(struct notifier *notifier, const struct wire_preview_query *query,
                   struct wire_preview_answer *answer, struct error *error);

/* rules/answer_rules.c: the rules of `within` and of what lies under it. -ERR_NOT_FOUND when one is named that is not there. */
int answer_rules(struct notifier *notifier, const struct wire_rules_query *query, struct text within,
                 struct wire_rules_answer *answer, struct error *error);

/* Where the notifier stands, in the arena; NULL without memory. */
const char *answer_as_of(struct notifier *notifier);

static inline int answer_no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}
