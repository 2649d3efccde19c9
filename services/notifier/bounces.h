/* Bounces: e-mails that came back, out of a Maildir which a mail server fills.
 *
 * What is new there is read about once a second. A notification that a message could not be delivered is a step of its
 * course, told to the journal as any other; the file moves from new/ to cur/ when that is durable, so that none is lost
 * and one that is read twice changes nothing. Files are read on the loop, few and small ones at a time.
 */
#pragma once

#include "common/config.h"
#include "services/notifier/verp.h"

struct notifier;

struct bounces {
    struct verp verp;
    const char *maildir; /* "": none; the config's */
    int pending;         /* files whose change is not durable yet */
    bool failing;        /* at the last look something could not be read: told once */
};

/* -ERR_BAD_SETTING: an address that leaves no room for a mark, a folder that is no Maildir. */
int bounces_open(struct bounces *bounces, const struct config *config, const struct hook *hook, struct error *error);

/* Takes what is new, once everything that the journal knows is folded. */
void bounces_look(struct notifier *notifier);
