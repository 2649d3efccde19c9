/* The directory: units with how many contacts they have, accounts, clients and settings, as folded from unit.set,
 * contact.set, person.erased, account.set, client.set, setting.set.
 *
 * Every event is applied in the order of the journal; the last one of a name holds. Pure: no I/O. Entries live until
 * directory_clear and never move.
 */
#pragma once

#include "proto/event.h"

#define NAME_MAX_BYTES 32   /* of an account or client: rows of tables/rules.h */
#define CLIENT_KEY_BYTES 40 /* Z85 */

struct unit_entry {
    const struct unit_entry *above; /* the nearest that was there when it began; NULL: it is a root */
    char path[EVENT_UNIT_MAX + 1];
    bool closed;
    int64_t since;     /* when it began: received_at of its first event */
    uint32_t contacts; /* people of its own who can be told something */
};

/* An account that signs in at the portal, or a program with a key of its own. */
struct member_entry {
    char name[NAME_MAX_BYTES + 1];
    char unit[EVENT_UNIT_MAX + 1];
    char key[CLIENT_KEY_BYTES + 1]; /* of a client */
    enum role role;
};

struct directory;

struct directory *directory_create(void); /* NULL: no memory */
void directory_destroy(struct directory **directory);
void directory_clear(struct directory *directory); /* everything is forgotten, to be folded again */

/* Applies an event; other types than these are passed over. Returns 0 or -ERR_NO_MEMORY (nothing changed). */
int directory_apply(struct directory *directory, const struct event *event);

/* NULL when there is none. */
const struct unit_entry *directory_unit(const struct directory *directory, struct text path);
/* Whether the unit or one under it has a contact. */
bool directory_has_contact(const struct directory *directory, struct text path);
const struct unit_entry *directory_first_root(const struct directory *directory); /* the first unit without a parent */
const struct member_entry *directory_account(const struct directory *directory, struct text name);
const struct member_entry *directory_client(const struct directory *directory, struct text name);
const struct member_entry *directory_client_of_key(const struct directory *directory, struct text key);
struct text directory_setting(const struct directory *directory, struct text name); /* empty when not set */

/* The path above, empty for a root. */
struct text unit_parent(struct text path);
