/* Warnings: contradictions within one event (tables/warnings.def). They refuse nothing: the event is kept, the receipt tells
 * them.
 *
 * Found in a report.submitted or .amended:
 *   its title names a day (5月6日, 5月6号) that is none of its days;
 *   where attendances are exact and of people: distinct people, or volunteers, media and citizens together, are more;
 *   where attendances and minutes are exact: more than one and a half times attendances times duration (who organises may
 *   be credited with more);
 *   nothing was counted and nothing told; a measure of one name has two units.
 * Pure: what the side says is looked at where it is there.
 */
#pragma once

#include <assert.h>

#include "common/arena.h"
#include "common/error.h"
#include "proto/event.h"

enum warning_code {
#define WARNING(NAME, wire, english, chinese) WARN_##NAME,
#include "proto/tables/warnings.def"
#undef WARNING
    WARN_COUNT
};

#define WARNINGS_MAX 8
#define WARNING_WORD_MAX 128

struct warning {
    enum warning_code code;
    char field[32];
    char limit[WARNING_WORD_MAX];
    char value[WARNING_WORD_MAX];
};

struct warnings {
    struct warning items[WARNINGS_MAX];
    uint32_t count;
};

void warnings_find(const struct event *event, struct warnings *warnings);

/* A bit per code: what intake keeps in the envelope. */
static_assert(WARN_COUNT <= 8, "a bit each in a byte of a report's row");
static inline int64_t warnings_bits(const struct warnings *warnings) {
    int64_t bits = 0;
    for (uint32_t i = 0; i < warnings->count; i++) {
        bits |= INT64_C(1) << warnings->items[i].code;
    }
    return bits;
}

const char *warning_wire(enum warning_code code); /* "title-date" */

/* Writes the text; returns its length, always < size. */
size_t warning_render(const struct warning *warning, enum error_language language, char *out, size_t size);

#define WARNINGS_ANY (-1)

/* Those of `bits` as a list of struct wire_warning with their texts, in the arena. 0 or -ERR_NO_MEMORY. */
int warnings_tell(const struct warnings *warnings, int64_t bits, struct arena *arena, struct list *out);
