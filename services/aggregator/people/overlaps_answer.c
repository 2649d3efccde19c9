/* Overlaps to the wire. */
#include "services/aggregator/people/overlaps.h"
#include "services/aggregator/tally.h"

#define MARK(field) (UINT64_C(1) << FIELD_overlap_##field)

static void fill_first(const struct tally *tally, uint32_t credit, struct wire_overlap *out) {
    const struct people *people = tally->people;
    const struct credit *row = people_credit(people, credit);
    uint16_t start = credit_start(people, row);
    out->first = *ids_at(&people->hours_ids, row->hours);
    out->first_unit = units_path(&tally->units, people_hours(people, row->hours)->unit);
    out->first_minutes = row->minutes;
    out->first_start = start;
    out->present |= MARK(first) | MARK(first_unit) | MARK(first_minutes);
    out->present |= start == START_UNKNOWN ? 0 : MARK(first_start);
}

static void fill_second(const struct tally *tally, uint32_t credit, struct wire_overlap *out) {
    struct wire_overlap other = {0};
    fill_first(tally, credit, &other);
    out->second = other.first;
    out->second_unit = other.first_unit;
    out->second_minutes = other.first_minutes;
    out->second_start = other.first_start;
    out->present |= MARK(second) | MARK(second_unit) | MARK(second_minutes);
    out->present |= other.present & MARK(first_start) ? MARK(second_start) : 0;
}

int overlaps_fill(const struct overlaps *overlaps, const struct tally *tally, struct arena *arena, struct list *out) {
    struct wire_overlap *items = arena_alloc(arena, ((size_t)overlaps->count + 1) * sizeof *items);
    if (!items) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < overlaps->count; i++) {
        const struct overlap *overlap = &overlaps->items[i];
        bool whole = overlap->second == ROW_NONE;
        items[i] = (struct wire_overlap){
            .present = MARK(volunteer) | MARK(date) | MARK(minutes) | (whole ? MARK(whole_day) : 0),
            .volunteer = *ids_at(&tally->people->volunteer_ids, overlap->volunteer),
            .date = overlap->day,
            .minutes = overlap->minutes,
            .whole_day = whole,
        };
        fill_first(tally, overlap->first, &items[i]);
        if (!whole) {
            fill_second(tally, overlap->second, &items[i]);
        }
    }
    *out = (struct list){items, overlaps->count};
    return 0;
}
