/* What the tests of the notifier share: a notifier.db in a folder of its own, and events that are folded into it, one
 * block each, as the journal would give them.
 *
 * Ids are made from small numbers. Events are received at OFFICE_AT plus their seq.
 */
#pragma once

#include "services/notifier/fold.h"

#define OFFICE_AT INT64_C(1700000000000)

struct office {
    char folder[64];
    char path[96];
    struct log log; /* writes to a file of the folder */
    int log_file;
    struct store store;
    struct arena *arena;
    struct arena *building;
    struct fold_news news;       /* of the last block */
    int64_t now;                 /* when events are received; 0: OFFICE_AT plus their seq */
    bool hasty;                  /* the disk is not waited for */
    struct office_block *blocks; /* the journal */
    int block_count;
};

/* What was folded, to be folded again. */
struct office_block {
    struct buffer head;
    struct buffer sides;
};

/* For cmocka: brigade haining, squads xiashi (first), xucun, maqiao, and the team xucun/t1. */
int office_setup(void **state);
int office_teardown(void **state);

void office_close(struct office *office); /* the store */
void office_open(struct office *office);

/* As after notifier.db was lost: a new one is folded from the journal. */
void office_rebuild(struct office *office);

struct id office_id(int number);

/* Folds one event: its JSON without id, at and v. Errors are those of fold_block. */
int office_try(struct office *office, int number, const char *source, struct error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- for the files of the office ---- */

/* Folds an event, and keeps it in the journal. */
int office_fold(struct office *office, struct event *event, struct error *error);
int64_t office_receipt_time(const struct office *office, uint64_t seq);
void office_must(int result, const struct error *error);

/* These must succeed. */
void office_contact(struct office *office, int number, const char *unit, const char *person, const char *more,
                    const char *phone, const char *email);
void office_notice(struct office *office, int number, const char *units, bool urgent);
/* The notifier's own word, at OFFICE_AT + `at`. */
void office_told(struct office *office, int number, int at, int notice, const char *person, const char *channel,
                 const char *state, int attempt, const char *words);
void office_erase(struct office *office, int number, const char *person);
void office_redact(struct office *office, int number, int event);

/* Folds the alerts that wait among the tellings, as the journal would give them back, and shows each to `see` (may be NULL):
 * how many. */
int office_echo(struct office *office);
int office_echo_to(struct office *office, void (*see)(void *data, const struct event *event), void *data);
/* The same of what became of messages; `some`: only the first ones. */
int office_echo_deliveries(struct office *office);
int office_echo_some_deliveries(struct office *office, int most);
int office_echo_deliveries_to(struct office *office, void (*see)(void *data, const struct event *event), void *data);
/* The alert that a rule raised last. */
struct id office_last_alert(struct office *office);
/* A row of an alert; 1 or 0. */
int office_alert_row(struct office *office, const struct id *alert, const char *person, enum channel channel,
                     struct outbox_row *row);
/* What waits to be told. */
int64_t office_waiting(struct office *office);

/* A rule.set with these fields beside its name and channels; `texts` NULL: one that says the unit, the rule and the day. */
void office_rule(struct office *office, int number, const char *rule, int version, const char *more, const char *texts);
#define OFFICE_TEXT "{\"title\": \"退回\", \"text\": \"{单位}：{规则}，{date}\"}"

void office_happen(struct office *office, int number, const char *type, const char *unit, const char *body,
                   const char *side);
/* The office returns the report 63. */
void office_returned(struct office *office, int number, const char *unit);
/* Leader P-1 and deputy P-2 of xucun; the brigade's office P-3, who has no telephone, duty P-4 and leader P-5. */
void office_people(struct office *office);

/* The message of a notice to a person; must be there. */
struct outbox_row office_row(struct office *office, int notice, const char *person, enum channel channel);
bool office_has_row(struct office *office, int notice, const char *person, enum channel channel);
int64_t office_count(struct office *office, const char *sql);

/* Whether a file of the folder holds these bytes. */
bool office_holds(const struct office *office, const char *words);

/* Changes the database behind the store's back; it is closed and opened again. */
void office_damage(struct office *office, const char *sql);
