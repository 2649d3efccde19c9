/* Identity: who speaks, which follows from the key of the connection and never from the message.
 *
 * ZAP's User-Id is "service:NAME" (a key of the key directory) or "client:NAME:KEY" with the begin of the registered
 * key, so that a connection made with a key that was replaced since no longer speaks for the client. The portal speaks for an account, named
 * in a frame of its own and looked up here again. Pure: no I/O.
 */
#pragma once

#include "common/bus.h"
#include "services/intake/directory.h"

struct identity {
    enum role role;
    char unit[EVENT_UNIT_MAX + 1];     /* it speaks for this unit and what lies under it; empty: for all */
    char source[EVENT_SOURCE_MAX + 1]; /* "client:NAME", "account:NAME", "service:NAME" */
};

/* The peer itself. -ERR_ACCOUNT_OFF: unknown, switched off, or its key was replaced. */
int identity_of_peer(const struct directory *directory, const char *user, struct identity *identity,
                     struct error *error);

/* Turns a delegate into the account that its frame names. -ERR_MISSING (no frame), -ERR_NO_RIGHT (a frame from someone
 * who is no delegate), -ERR_ACCOUNT_OFF, or the code of what is wrong with the frame. */
int identity_delegate(const struct directory *directory, struct text delegate, struct arena *arena,
                      struct identity *identity, struct error *error);

/* Whether a registered key may connect: writes its User-Id. */
bool identity_of_key(const struct directory *directory, const char *public_key, char user[BUS_USER_MAX]);

/* Whether the identity may follow the stream, with or without side: services by their role; of clients head, office
 * and admin the heads, side and admin the sides too, these only at a root of the tree, as a stream is not
 * divided by units. -ERR_NO_RIGHT. */
int identity_may_read(const struct identity *identity, bool side, struct error *error);

/* Whether it may ask for accounts. */
bool identity_may_ask(const struct identity *identity);

/* How much a role may submit: 0 nothing, squad < office < admin. */
int role_rank(enum role role);
