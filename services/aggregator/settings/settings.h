/* Settings of the fold over time: what setting.set said, by unit.
 *
 * A value that a unit set holds for it and for all under it that set none of their own.
 */
#pragma once

#include "services/aggregator/book.h"

struct set_value {
    struct version version;
    uint32_t unit;
    uint32_t name;     /* among the names */
    uint32_t value;    /* among the names */
    uint32_t reserved; /* zero */
};

struct settings {
    struct ledger values; /* of struct set_value; there are few */
};

/* The value that held for `unit` at `at`; empty when none was set. The view lives until the next event is folded. */
struct text settings_value(const struct tally *tally, uint32_t unit, const char *name, uint64_t at);
