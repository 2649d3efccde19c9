/* Versions: every contribution that stood at a position and fits a question, whoever asks for it. */
#pragma once

#include "services/aggregator/rows.h"

/* What stood, and where its measures are. Borrowed from the tally. */
struct standing {
    const struct report *report;
    const struct kept_measure *measures;
    uint32_t number; /* of the report */
};

/* Called for each; other than 0 ends the walk, which returns it. */
typedef int (*standing_visit)(void *data, const struct standing *standing);

/* The versions are dealt into `parts`; part `part` of them is walked. `keys` as in rows.h. */
int versions_walk(const struct tally *tally, const struct question *question, const uint32_t *keys, uint32_t part,
                  uint32_t parts, standing_visit visit, void *data);
