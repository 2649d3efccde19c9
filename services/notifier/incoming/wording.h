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

/* A code at the beginning, behind 回复 or 确认 perhaps: "4821", "回复4821确认", "4821 已到场". */
struct sms_code {
    int64_t number;
    unsigned digits;   /* 4, of a notice or alert; 3, of a draft: that stands alone */
    struct text words; /* the answer behind it; empty: confirmed */
    bool bare;         /* meant as a code in any case: nothing else stands there, or it follows 回复 */
};

/* False when there is none: other numbers, years, counts of something. */
bool sms_code_of(struct text text, struct sms_code *code);

/* It names a programme: somebody means to report. */
bool sms_is_report(const struct draft *draft);

/* What was understood and what was not, and that 1 confirms, or `code`, where more than the draft is open (0: nothing else
 * is); of a draft with faults, what is missing and that nothing was kept. `squad` is the unit's short name. A text of more than SMS_PARTS_MAX parts with the signature is told in short,
 * with counts. Not enough memory is `out->failed`. */
void sms_echo(const struct draft *draft, struct text squad, int64_t code, struct text signature, struct buffer *out);

/* A sentence of ours behind the signature. */
void sms_sentence(const char *sentence, struct text signature, struct buffer *out);
/* The same of words that were put together; gives the buffer back. */
void sms_compose(struct buffer *body, struct text signature, struct buffer *out);

/* A title among others: cut to a few characters, which is said. */
void sms_put_title(struct text title, struct buffer *out);

extern const char sms_help[];
extern const char sms_too_much[];
