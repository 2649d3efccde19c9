/* What a notice would do, before anything is sent: whom it reaches, how many SMS it takes, why it would be refused. */
#pragma once

#include "services/chaoxun/recipients.h"

/* What is to be told; texts are borrowed. */
struct draft {
    struct recipients recipients;
    struct text title;
    struct text text;
    int64_t confirm_by; /* ms since 1970 UTC; 0: it is not to be confirmed */
};

/* Asks the notifier. Codes and names among the recipients become paths, for which the register is loaded when it is needed;
 * the texts of the paths then live in `registry`. `registry` is zeroed and freed by the caller. */
int preview_ask(const struct session *session, struct draft *draft, struct registry *registry, struct arena *arena,
                struct wire_preview_answer *answer, struct error *error);

/* A table of units, the sums and, with `words`, what each channel will say. False when memory ran out. */
bool preview_print(const struct session *session, const struct wire_preview_answer *answer, bool words, FILE *out);

/* Whether the notice may be sent: 0, -ERR_TOO_MANY_PARTS, or -ERR_NO_CONTACT with the first unit that has nobody. Pure. */
int preview_check(const struct wire_preview_answer *answer, struct error *error);
