/* Who may ask what at the door: services everything; clients about their own unit, by the role that they have now. */
#pragma once

#include "common/bus.h"
#include "services/notifier/clients.h"

enum ask {
    ASK_NOTICES, /* and one notice */
    ASK_SIDE,    /* with names, addresses and providers' words */
    ASK_PREVIEW,
    ASK_REPORT /* to hand in what a gateway reports */
};

struct rights {
    bool service;             /* may ask everything */
    struct client_row client; /* else who it is */
};

/* How a client's connection is named: by its name and the beginning of its key. */
void rights_user(const struct client_row *client, char user[BUS_USER_MAX]);

/* `user`: of the request. -ERR_ACCOUNT_OFF when the client is not registered any more, or has another key. */
int rights_of(struct clients *clients, const char *user, struct rights *rights, struct error *error);

/* 0 or -ERR_NO_RIGHT. */
int rights_check(const struct rights *rights, enum ask ask, struct error *error);

/* `*within`: the unit for which is asked, or empty; becomes the client's own when it is empty, and must lie within that:
 * -ERR_OTHER_UNIT. */
int rights_within(const struct rights *rights, struct text *within, struct error *error);

/* A unit that is named lies within `within` (empty: anywhere). -ERR_OTHER_UNIT. */
int rights_named(struct text unit, struct text within, struct error *error);
