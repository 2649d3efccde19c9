/* Questions at the outbox door: the verbs, each with its shape, how it is judged and answered. Nothing here sends: bytes
 * come in and bytes go out. */
#pragma once

#include "services/notifier/notifier.h"

struct question;

/* The question of this verb; NULL when there is none. */
const struct question *question_of(struct text verb);

/* The verb of its answer. */
const char *question_verb(const struct question *question);

/* The position for which it asks (seq 0: any). Errors: what is wrong with the question. */
int question_wanted(struct notifier *notifier, const struct question *question, struct text payload,
                    struct position *wanted, struct error *error);

/* The answer for this user, encoded; borrowed until the next one. -ERR_NO_RIGHT, -ERR_ACCOUNT_OFF, -ERR_OTHER_UNIT, -ERR_NOT_FOUND,
 * -ERR_UNKNOWN_UNIT, -ERR_BAD_QUERY, -ERR_TOO_MANY when no frame holds it. */
int question_answer(struct notifier *notifier, const struct question *question, const char *user, struct text payload,
                    struct text *answer, struct error *error);
