/* A volunteer's hours one by one, each with what it was before. */
#include <stdlib.h>

#include "services/aggregator/people/view.h"
#include "services/aggregator/tally.h"

/* ---- versions ---- */

/* The correction that made the row; corrections are in the order of their rows. NULL for a first one. */
static const struct correction *correction_of(const struct people *people, uint32_t credit) {
    uint32_t low = 0;
    uint32_t high = people_count(people, PEOPLE_CORRECTIONS);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (people_correction(people, middle)->credit < credit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < people_count(people, PEOPLE_CORRECTIONS) && people_correction(people, low)->credit == credit;
    return found ? people_correction(people, low) : NULL;
}

static void fill_version(const struct people *people, uint32_t credit, struct wire_hours_version *out) {
    const struct credit *row = people_credit(people, credit);
    const struct correction *correction = correction_of(people, credit);
    *out = (struct wire_hours_version){
        .present = 1U << FIELD_hours_version_seq | 1U << FIELD_hours_version_minutes | 1U << FIELD_hours_version_grade |
                   (unsigned)(row->start != START_UNKNOWN) << FIELD_hours_version_start |
                   (unsigned)(correction != NULL) << FIELD_hours_version_correction |
                   (unsigned)(correction != NULL) << FIELD_hours_version_received_at,
        .seq = (int64_t)row->version.since,
        .minutes = row->minutes,
        .grade = people_mix(people, row->mix)->grade,
        .start = row->start,
    };
    if (correction) {
        out->correction = correction->id;
        out->received_at = correction->received_at;
    }
}

/* The versions of the rows `credits`, which are of one hours; none where it was never corrected. */
static int fill_versions(const struct people *people, const uint32_t *credits, uint32_t count, struct arena *arena,
                         struct wire_hours_entry *out) {
    struct wire_hours_version *items = arena_alloc(arena, ((size_t)count + 1) * sizeof *items);
    uint32_t filled = 0;
    for (uint32_t i = 0; items && i < count; i++) {
        if (people_credit(people, credits[i])->origin != CREDIT_FOLLOWED) {
            fill_version(people, credits[i], &items[filled++]);
        }
    }
    if (filled > 1) {
        out->versions = (struct list){items, filled};
        wire_set(&out->present, FIELD_hours_entry_versions);
    }
    return items ? 0 : -(int)ERR_NO_MEMORY;
}

/* ---- one hours ---- */

static int fill_programmes(unsigned bits, struct arena *arena, struct list *out) {
    struct text *items = arena_alloc(arena, PROGRAMME_COUNT * sizeof *items);
    *out = (struct list){items, 0};
    for (unsigned programme = 0; items && programme < PROGRAMME_COUNT; programme++) {
        if (bits >> programme & 1) {
            items[out->count++] = text_of(programme_code((enum programme)programme));
        }
    }
    return items ? 0 : -(int)ERR_NO_MEMORY;
}

#define PLATFORMS_MAX 8 /* of hours_entry.transferred */

static int fill_platforms(const struct tally *tally, uint32_t hours, struct arena *arena, struct list *out) {
    const struct people *people = tally->people;
    struct text *items = arena_alloc(arena, PLATFORMS_MAX * sizeof *items);
    *out = (struct list){items, 0};
    uint32_t next = people->transfers[hours];
    for (; items && next != ROW_NONE && out->count < PLATFORMS_MAX; next = people_transfer(people, next)->before) {
        struct text platform = names_text(&tally->names, people_transfer(people, next)->platform);
        bool known = false;
        for (uint32_t i = 0; i < out->count; i++) {
            known = known || text_equal(items[i], platform);
        }
        if (!known) {
            items[out->count++] = platform;
        }
    }
    return items ? 0 : -(int)ERR_NO_MEMORY;
}

/* The last of the rows is the one that stands. */
static int fill_entry(const struct tally *tally, const uint32_t *credits, uint32_t count, struct arena *arena,
                      struct wire_hours_entry *out) {
    const struct people *people = tally->people;
    const struct credit *row = people_credit(people, credits[count - 1]);
    const struct hours *hours = people_hours(people, row->hours);
    const struct mix *mix = people_mix(people, row->mix);
    struct text name = view_unit_name(tally, hours->unit);
    uint16_t start = credit_start(people, row);
    out->present = shape_of(SHAPE_hours_entry)->required_fields | 1U << FIELD_hours_entry_programmes |
                   1U << FIELD_hours_entry_transferred | (unsigned)(name.length > 0) << FIELD_hours_entry_name |
                   (unsigned)(start != START_UNKNOWN) << FIELD_hours_entry_start;
    out->hours = *ids_at(&people->hours_ids, row->hours);
    out->activity = *ids_at(&people->activity_ids, hours->activity);
    out->unit = units_path(&tally->units, hours->unit);
    out->name = name;
    out->date = hours->day;
    out->minutes = row->minutes;
    out->grade = mix->grade;
    out->start = start;
    int result = fill_programmes(mix->programmes, arena, &out->programmes);
    result = result < 0 ? result : fill_platforms(tally, row->hours, arena, &out->transferred);
    return result < 0 ? result : fill_versions(people, credits, count, arena, out);
}

/* ---- all of them ---- */

/* The latest day first, then by hours, then the rows as they came. */
static int compare(const void *a, const void *b, void *data) {
    const struct people *people = data;
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    uint32_t hours = people_credit(people, first)->hours;
    uint32_t other = people_credit(people, second)->hours;
    int32_t day = people_hours(people, hours)->day;
    int32_t other_day = people_hours(people, other)->day;
    if (day != other_day) {
        return (day < other_day) - (day > other_day);
    }
    return hours != other ? (hours < other) - (hours > other) : (first > second) - (first < second);
}

/* The volunteer's rows in `range`; NULL without memory. */
static uint32_t *gather(const struct people *people, uint32_t volunteer, struct range range, struct arena *arena,
                        uint32_t *count) {
    uint32_t first = people->persons[volunteer].credit;
    uint32_t all = 0;
    for (uint32_t next = first; next != ROW_NONE; next = people_credit(people, next)->before) {
        all++;
    }
    uint32_t *credits = arena_alloc(arena, ((size_t)all + 1) * sizeof *credits);
    *count = 0;
    for (uint32_t next = first; credits && next != ROW_NONE; next = people_credit(people, next)->before) {
        int32_t day = people_hours(people, people_credit(people, next)->hours)->day;
        if (range.from <= day && day <= range.to) {
            credits[(*count)++] = next;
        }
    }
    if (credits && *count > 1) {
        qsort_r(credits, *count, sizeof *credits, compare, (void *)people);
    }
    return credits;
}

int view_hours(const struct tally *tally, uint32_t volunteer, struct range range, struct arena *arena,
               struct list *out) {
    const struct people *people = tally->people;
    uint32_t count;
    uint32_t *credits = gather(people, volunteer, range, arena, &count);
    struct wire_hours_entry *items = credits ? arena_alloc(arena, ((size_t)count + 1) * sizeof *items) : NULL;
    int result = items ? 0 : -(int)ERR_NO_MEMORY;
    *out = (struct list){items, 0};
    for (uint32_t first = 0; first < count && result == 0;) {
        uint32_t last = first;
        uint32_t hours = people_credit(people, credits[first])->hours;
        while (last < count && people_credit(people, credits[last])->hours == hours) {
            last++;
        }
        result = fill_entry(tally, credits + first, last - first, arena, &items[out->count++]);
        first = last;
    }
    return result;
}
