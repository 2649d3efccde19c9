/* Versions: every contribution that stood at a position and fits a question, whoever asks for it. */
#pragma once

#include "services/aggregator/rows.h"

/* How a version matters to a question: it stood; it stood on a day that is near (near.h), so that its numbers are in the sums
 * as they stand; it stands there, but came later. */
enum standing_way { STOOD, STOOD_NEAR, CAME_LATER };

/* What stood, and where its measures are. Borrowed from the tally. */
struct standing {
    const struct report *report;
    const struct kept_measure *measures;
    uint32_t number; /* of the report */
    enum standing_way way;
};

/* Called for each; other than 0 ends the walk, which returns it. */
typedef int (*standing_visit)(void *data, const struct standing *standing);

struct near;

/* Which versions are walked over. They are dealt into `parts`, of which part `part` is walked. */
struct versions {
    const struct tally *tally;
    const struct question *question;
    const uint32_t *keys;    /* as in rows.h */
    const struct near *near; /* or NULL: everything that stood is STOOD */
    uint32_t part;
    uint32_t parts;
};

/* Of what is STOOD_NEAR, only versions whose activity may be shared by several reports are visited. */
int versions_walk(const struct versions *versions, standing_visit visit, void *data);
