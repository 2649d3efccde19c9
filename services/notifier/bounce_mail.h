/* A mail that came back, as it was found: whether it says that something could not be delivered, and in whose words. Pure;
 * any bytes in.
 *
 * Understood are delivery status notifications (RFC 3464): a part message/delivery-status whose `Action` is `failed`, in a
 * multipart/report, or in a multipart/mixed as OpenSMTPD writes it. A delay, an automatic answer and anything else say
 * nothing.
 */
#pragma once

#include "proto/types.h"

#define BOUNCE_WORDS_SIZE 640

enum bounce_kind { BOUNCE_OTHER, BOUNCE_FAILED };

struct bounce_mail {
    enum bounce_kind kind;
    struct text head;              /* the header, borrowed */
    char words[BOUNCE_WORDS_SIZE]; /* status code and diagnosis: raw, for words_clean() */
};

void bounce_mail_read(struct text mail, struct bounce_mail *out);
