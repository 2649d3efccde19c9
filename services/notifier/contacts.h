/* Contacts: whom a unit's messages reach, as contact.set says. Who is switched off is not kept.
 *
 * A notice reaches the contacts of the units it names and of all that lies under them: in the order of the notice, then
 * by the units' places in lists, then by the contacts' ranks; each person once per channel, where they stand first. By
 * which channels is a matter of the addresses alone. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

/* A contact on its way out; texts are borrowed from the walk and terminated. */
struct contact_row {
    struct text person;
    struct text unit;
    struct id event; /* the contact.set */
    struct text name;
    struct text post;
    struct text addresses[CHANNEL_COUNT]; /* empty: not by this channel */
};

/* How many people: in all, and by each channel. */
struct reach {
    int64_t people;
    int64_t by_channel[CHANNEL_COUNT];
};

#define CONTACTS_STATEMENTS 9

struct contacts {
    struct database *database;
    sqlite3_stmt *statements[CONTACTS_STATEMENTS];
};

int contacts_open(struct contacts *contacts, struct database *database, struct error *error);
void contacts_close(struct contacts *contacts);

/* A contact.set: the contact as it is from now on. */
int contacts_set(struct contacts *contacts, const struct event *event, struct error *error);

/* Removes a person, or what came by one contact.set. */
int contacts_forget_person(struct contacts *contacts, struct text person, struct error *error);
int contacts_forget_event(struct contacts *contacts, const struct id *event, struct error *error);

/* Walks the contacts that these units (paths, separated by spaces) reach, in order; a person may come several times.
 * `take` returns 0 or ends the walk with < 0. */
int contacts_each(struct contacts *contacts, struct text units, int (*take)(void *data, const struct contact_row *row),
                  void *data, struct error *error);

/* The contacts of this unit itself that have the post (empty: all), by their ranks; and one of them. As contacts_each, but
 * that they return how many there were. */
int contacts_of_post(struct contacts *contacts, struct text unit, struct text post,
                     int (*take)(void *data, const struct contact_row *row), void *data, struct error *error);
int contacts_find(struct contacts *contacts, struct text unit, struct text person,
                  int (*take)(void *data, const struct contact_row *row), void *data, struct error *error);

/* Who has this telephone number: as it is, or with +86 before it. As contacts_of_post, by units and ranks. */
int contacts_of_phone(struct contacts *contacts, struct text phone,
                      int (*take)(void *data, const struct contact_row *row), void *data, struct error *error);

/* Whom these units reach, each person once. */
int contacts_reach(struct contacts *contacts, struct text units, struct reach *reach, struct error *error);
