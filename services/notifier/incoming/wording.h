/* What a contact's SMS means, and the words that go back. Pure; texts in Chinese, for squads. */
#pragma once

#include "common/draft/draft.h"

enum sms_meaning {
    SMS_YES,       /* 1, 确认 */
    SMS_NO,        /* 0, 取消 */
    SMS_AUTOMATIC, /* a telephone answered by itself */
    SMS_WORDS      /* anything else: may be a report */
};

enum sms_meaning sms_meaning_of(struct text text);

/* It names a programme: somebody means to report. */
bool sms_is_report(const struct draft *draft);

/* What was understood and what was not, and that 1 confirms; of a draft with faults, what is missing and that nothing was
 * kept. `squad` is the unit's short name. A text of more than SMS_PARTS_MAX parts with the signature is told in short,
 * with counts. Not enough memory is `out->failed`. */
void sms_echo(const struct draft *draft, struct text squad, struct text signature, struct buffer *out);

/* A sentence of ours behind the signature. */
void sms_sentence(const char *sentence, struct text signature, struct buffer *out);

extern const char sms_help[];
extern const char sms_too_much[];
