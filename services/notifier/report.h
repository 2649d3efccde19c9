/* A delivery report, however it came: by a gateway's call, a provider's push, or because it was asked for. */
#pragma once

#include "services/notifier/notifier.h"

/* An attempt of a message came so far (enum report_code). Within a turn. `words`: raw; kept without the recipient.
 * 1 the message is here, 0 it is not. */
int report_note(struct notifier *notifier, const struct id *ref, int32_t attempt, int64_t code, struct text words,
                struct error *error);
