/* What a question about an assessment is about, in the numbers of a tally. */
#pragma once

#include "common/error.h"
#include "services/aggregator/assessment/assessment.h"
#include "services/aggregator/period.h"

struct assessed {
    const struct scheme *scheme;
    const struct result *result; /* what was published of it; NULL: a preview */
    struct period period;
    struct range days;
    uint64_t at;    /* of figures and scores; AT_HEAD: as they stand */
    uint64_t until; /* of appeals and their answers */
    uint32_t unit;  /* rows of this and what lies under it; UNIT_NONE: all */
};

/* Views into the tally, which must not change while they are used. Errors: -ERR_BAD_QUERY (period, version, at),
 * -ERR_UNKNOWN_REFERENCE (scheme, version), -ERR_UNKNOWN_UNIT, and those of moments_resolve. */
int assessed_read(const struct tally *tally, const struct wire_assessment_query *query, struct assessed *assessed,
                  struct error *error);

/* The number of the event up to which the figures hold. */
uint64_t assessed_seq(const struct tally *tally, const struct assessed *assessed);
