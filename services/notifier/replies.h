/* Replies by SMS, as far as what goes out is concerned: which messages want an answer, and the words that say how.
 *
 *   a notice that is to be confirmed       until confirm_by
 *   an alert of a rule with steps, repeats or a time for the deed: an answer changes what comes next
 *
 * Codes are given in the fold (codes.h), so that they are the same whenever the journal is folded anew; whether messages say
 * them is a setting (sms-replies), for it is of use only where incoming SMS come here.
 */
#pragma once

#include "services/notifier/store.h"

#define REPLIES_WORDS_SIZE 64
#define REPLIES_WORDS_OF_ANY "回复 0000 确认" /* as long as of any code */

/* What a notice or alert is about: itself, or the first alert. 0 or < 0. */
int replies_matter(struct store *store, const struct id *notice, struct id *matter, struct error *error);

/* In the fold, of a message that was added: an SMS that wants an answer gets its code. `confirm_by` of a notice; 0: none. */
int replies_give(struct store *store, const struct outbox_row *row, int64_t confirm_by, struct error *error);

/* In the fold of an answer, also of a report that names a notice: who gave it has nothing more to answer there; where it was
 * nobody of those that were told a notice, the recipients of the unit have not either. */
int replies_answered(struct store *store, const struct id *notice, const struct event *event, struct error *error);

/* Whether messages of the notice or alert want an answer: 1, 0 or < 0. */
int replies_wanted(struct store *store, const struct notice_row *notice, struct error *error);

/* "回复 4821 确认" of the message's code; "" when it has none, or it is no SMS. 0 or < 0. */
int replies_words(struct store *store, const struct outbox_row *row, char out[REPLIES_WORDS_SIZE], struct error *error);
