/* A trial: whom a rule would have told in a month. The rule is set in a scratch store at the beginning of the month; the journal
 * is folded into it from its beginning, and the rule does its duty by the time of the events, as it would have. What it raises
 * is folded at once, shown, and thrown away with the store: nothing is told to the journal, nothing is sent.
 *
 *     trial_begin(&trial, ...)
 *     trial_block(&trial, block, after)         each block of the journal, until it returns 1: the month is over
 *     trial_folded(&trial)
 *     while (trial_question(&trial, &payload) == 1)
 *         trial_answer(&trial, answer)          as it stood at that time
 *     trial.rows
 *
 * Nobody answers in a trial, so that all steps and repeats are shown. Errors as of database.h.
 */
#pragma once

#include "services/notifier/fold.h"
#include "services/notifier/rules/duty.h"

#define TRIAL_ROWS_MAX 1000

struct trial {
    struct store store;
    bool open;
    char path[4300];
    const struct event *rule; /* the rule.set; borrowed */
    int64_t from;             /* of the month, ms since 1970 UTC */
    int64_t to;               /* its end, or now */
    int64_t now;
    bool set; /* the rule is */
    struct fold_news news;
    struct arena *event_arena; /* the block being folded */
    struct arena *duty_arena;
    struct arena *arena; /* holds the rows */
    struct wire_trial_row *rows;
    uint32_t count;
    int64_t left_out;
    int64_t echoed; /* alerts that were folded */
    struct duty_question question;
    char as_of[24];
};

/* Makes the scratch store in `folder`. `rule` is a rule.set as intake would admit it. */
int trial_begin(struct trial *trial, const char *folder, const struct event *rule, int64_t from, int64_t to,
                const struct log *log, struct error *error);
void trial_end(struct trial *trial);

/* 0, or 1 when the month is over: then the block is not folded. */
int trial_block(struct trial *trial, const struct journal_block *block, const struct position *after,
                struct error *error);

/* The journal is folded up to the month's end. */
int trial_folded(struct trial *trial, struct error *error);

/* The next question, of which trial->question tells more: 1; 0: the trial is over. */
int trial_question(struct trial *trial, struct buffer *payload, struct error *error);
int trial_answer(struct trial *trial, const void *answer, struct error *error);
