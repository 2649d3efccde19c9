/* Inquiries: what may have gone out, and nobody reported in its time, is asked for at the providers that can be asked,
 * before it is sent again.
 *
 * Once for each attempt: meanwhile it waits as long again. Whoever knows it says what became of it, as a delivery report
 * would; where nobody does, it is sent again at once and counted; where one did not answer, when its time is up again.
 * What was asked is not kept: after a restart it is asked once more.
 */
#pragma once

#include "services/notifier/outbox.h"

struct notifier;

#define INQUIRIES_AT_A_TIME 16
#define INQUIRIES_KEPT 256

struct inquiries {
    struct {
        int64_t row; /* 0: none */
        int32_t attempt;
    } asked[INQUIRIES_KEPT]; /* a ring */
    int next;
    int under_way;
};

/* Whether the row, whose time is up, is to be asked for now. */
bool inquiry_is_due(const struct notifier *notifier, const struct outbox_row *row);

/* Within a turn: asks for it, or lets it wait its turn; until there is an answer the row waits. */
int inquiry_begin(struct notifier *notifier, struct outbox_row *row, struct error *error);
