/* The roster: which providers each channel has, as the settings and the directory `robots` say, in order of rank; and which
 * of them takes a message now. Loop thread only. */
#pragma once

#include "services/notifier/channels/way.h"

struct roster {
    struct way *ways[CHANNEL_COUNT]; /* the first in rank; NULL: the channel is not configured */
    struct email *email;             /* of the way "smtp"; NULL: not configured */
    struct curl_loop *curl_loop;     /* borrowed */
};

/* -ERR_BAD_SETTING, -ERR_NO_MEMORY: what was opened so far is closed by roster_close. Blocks for reading files. */
int roster_open(struct roster *roster, uv_loop_t *loop, struct curl_loop *curl_loop, const struct config *config,
                struct error *error);

/* Nothing is under way any more: the e-mail and the curl loop were closed before. */
void roster_close(struct roster *roster);

/* The first one behind `after` (NULL: of all) that takes a message now; NULL: none does. */
struct way *roster_next(const struct roster *roster, enum channel channel, const struct way *after);

/* All breakers are open: the one that is tried again first. NULL: the channel is not configured. */
struct way *roster_soonest(const struct roster *roster, enum channel channel);

/* The robot of this name, or NULL. */
struct way *roster_robot(const struct roster *roster, const char *name);
