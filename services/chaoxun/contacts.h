/* The contacts of all units, with names and addresses, folded from the stream by this command itself. */
#pragma once

#include "services/chaoxun/registry.h"

/* One person as contact of one unit; texts belong to the register. */
struct contact_row {
    struct text unit;
    struct text person;
    struct text post;
    int64_t order; /* 0: none */
    bool off;
    struct text name;
    struct text phone;
    struct text email;
    struct text robot;
    struct text govding;
};

struct contacts {
    struct registry registry; /* of the units */
    struct contact_row *rows; /* by unit in the order of lists, order and person */
    uint32_t count;
    uint32_t capacity;
};

/* Blocks as walk_stream does. */
int contacts_load(struct contacts *contacts, const struct session *session, struct error *error);
void contacts_free(struct contacts *contacts);

/* Empty; made by contacts_load too. */
int contacts_init(struct contacts *contacts, struct error *error);

/* One event folded in: contact.set replaces the person's row of that unit, person.erased removes all of the person's. */
int contacts_fold(struct contacts *contacts, const struct event *event, struct error *error);
void contacts_sort(struct contacts *contacts);
