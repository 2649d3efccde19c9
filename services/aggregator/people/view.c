/* Everything that is kept of one volunteer: what `GET /api/v1/volunteers/{id}` tells, but names and texts. */
#include <stdlib.h>

#include "proto/fold_settings.h"
#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/view.h"
#include "services/aggregator/settings/settings.h"

#define STAR_PREFIX "star-"

/* ---- who may see it ---- */

static bool is_within(const struct tally *tally, uint32_t volunteer, struct text path) {
    const struct people *people = tally->people;
    const struct person *person = &people->persons[volunteer];
    uint32_t within = units_find(&tally->units, path);
    if (path.length == 0 || within == UNIT_NONE) {
        return path.length == 0;
    }
    for (uint32_t next = person->membership; next != ROW_NONE; next = people_membership(people, next)->before) {
        if (units_within(&tally->units, people_membership(people, next)->unit, within)) {
            return true;
        }
    }
    for (uint32_t next = person->credit; next != ROW_NONE; next = people_credit(people, next)->before) {
        uint32_t unit = people_hours(people, people_credit(people, next)->hours)->unit;
        if (units_within(&tally->units, unit, within)) {
            return true;
        }
    }
    return false;
}

/* ---- particulars ---- */

struct text view_unit_name(const struct tally *tally, uint32_t unit) {
    struct text text = {0};
    uint32_t name = tally->units.items[unit].face.name;
    if (name != NAME_NONE) {
        text = names_text(&tally->names, name);
    }
    return text;
}

static int fill_units(const struct tally *tally, uint32_t volunteer, struct arena *arena, struct list *out) {
    const struct people *people = tally->people;
    uint32_t first = people->persons[volunteer].membership;
    uint32_t count = 0;
    for (uint32_t next = first; next != ROW_NONE; next = people_membership(people, next)->before) {
        count += people_membership(people, next)->version.until == 0;
    }
    struct wire_service_entry *items = arena_alloc(arena, ((size_t)count + 1) * sizeof *items);
    *out = (struct list){items, 0};
    for (uint32_t next = first; items && next != ROW_NONE; next = people_membership(people, next)->before) {
        const struct membership *row = people_membership(people, next);
        struct text name = view_unit_name(tally, row->unit);
        if (row->version.until != 0) {
            continue;
        }
        items[out->count++] = (struct wire_service_entry){
            .present = 1U << FIELD_service_entry_unit | (unsigned)(name.length > 0) << FIELD_service_entry_name |
                       (unsigned)(row->left != DAY_NONE) << FIELD_service_entry_left,
            .unit = units_path(&tally->units, row->unit),
            .name = name,
            .left = row->left,
        };
    }
    return items ? 0 : -(int)ERR_NO_MEMORY;
}

static void fill_particulars(const struct tally *tally, uint32_t volunteer, struct wire_volunteer_answer *out) {
    const struct people *people = tally->people;
    const struct volunteer *row = people_volunteer(people, people->persons[volunteer].row);
    out->id = *ids_at(&people->volunteer_ids, volunteer);
    out->minor = row->minor;
    out->joined = row->joined;
    wire_set(&out->present, FIELD_volunteer_answer_id);
    wire_set(&out->present, FIELD_volunteer_answer_minor);
    out->present |= (uint64_t)(row->joined != DAY_NONE) << FIELD_volunteer_answer_joined;
    if (row->kind != NAME_NONE) {
        out->kind = names_text(&tally->names, row->kind);
        wire_set(&out->present, FIELD_volunteer_answer_kind);
    }
}

/* ---- sums and stars ---- */

struct summing {
    const struct people *people;
    int64_t minutes[GRADE_COUNT];
    int64_t presences;
    int32_t *months;
    uint32_t month_count;
    uint32_t month_capacity;
};

/* Months are few: a list that is looked through. */
static int note_month(struct summing *summing, int32_t month) {
    for (uint32_t i = 0; i < summing->month_count; i++) {
        if (summing->months[i] == month) {
            return 0;
        }
    }
    int result = column_reserve(&summing->months, &summing->month_capacity, (uint64_t)summing->month_count + 1,
                                sizeof *summing->months);
    if (result == 0) {
        summing->months[summing->month_count++] = month;
    }
    return result;
}

static int sum_entry(void *data, const struct roll_entry *entry) {
    struct summing *summing = data;
    int grade = people_mix(summing->people, entry->mix)->grade;
    bool ours = grade_adds_up(grade);
    summing->minutes[grade] += entry->minutes;
    summing->presences += ours && entry->own;
    return ours && entry->minutes > 0 ? note_month(summing, period_of(entry->day, BY_MONTH)) : 0;
}

static void read_settings(const struct tally *tally, uint32_t volunteer, struct fold_settings *settings) {
    const struct people *people = tally->people;
    uint32_t membership = people->persons[volunteer].membership;
    uint32_t unit = membership == ROW_NONE ? UNIT_NONE : people_membership(people, membership)->unit;
    static const enum fold_setting wanted[] = {FOLD_STAR_MINUTES, FOLD_STAR_MONTHS};
    fold_settings_begin(settings);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *name = fold_setting_row(wanted[i])->name;
        struct wire_setting set = {.name = text_of(name), .value = settings_value(tally, unit, name, AT_HEAD)};
        if (set.value.length > 0) {
            fold_settings_apply(settings, &set);
        }
    }
}

static void fill_stars(const struct tally *tally, uint32_t volunteer, const struct summing *summing,
                       struct wire_volunteer_answer *out) {
    struct fold_settings settings;
    read_settings(tally, volunteer, &settings);
    const int64_t *steps = settings.numbers[FOLD_STAR_MINUTES];
    bool enough_months = summing->month_count >= fold_number(&settings, FOLD_STAR_MONTHS);
    int64_t minutes = summing->minutes[GRADE_SIGNED] + summing->minutes[GRADE_LEADER] + summing->minutes[GRADE_ENTERED];
    out->star = 0;
    while (out->star < FOLD_NUMBERS_MAX && minutes >= steps[out->star]) {
        out->star++;
    }
    if (out->star < FOLD_NUMBERS_MAX) {
        out->star_next_minutes = steps[out->star];
        wire_set(&out->present, FIELD_volunteer_answer_star_next_minutes);
    }
    out->star = enough_months ? out->star : 0;
    wire_set(&out->present, FIELD_volunteer_answer_star);
}

static int fill_sums(const struct tally *tally, uint32_t volunteer, struct arena *arena,
                     struct wire_volunteer_answer *out) {
    struct summing summing = {.people = tally->people};
    struct wire_hours_row *row = arena_alloc(arena, sizeof *row);
    int result = rolls_each_of_volunteer(tally->people, volunteer, sum_entry, &summing);
    if (result < 0 || !row) {
        free(summing.months);
        return -(int)ERR_NO_MEMORY;
    }
    row->signed_in = summing.minutes[GRADE_SIGNED];
    row->leader = summing.minutes[GRADE_LEADER];
    row->entered = summing.minutes[GRADE_ENTERED];
    row->minutes = row->signed_in + row->leader + row->entered;
    row->credit = summing.minutes[GRADE_CREDIT];
    row->honour = summing.minutes[GRADE_HONOUR];
    row->attendances = summing.presences;
    row->people = summing.presences > 0 || row->minutes > 0;
    row->present = shape_of(SHAPE_hours_row)->required_fields;
    out->sums = (struct list){row, 1};
    out->months = summing.month_count;
    wire_set(&out->present, FIELD_volunteer_answer_sums);
    wire_set(&out->present, FIELD_volunteer_answer_months);
    fill_stars(tally, volunteer, &summing, out);
    free(summing.months);
    return 0;
}

/* ---- awards and objections ---- */

static int64_t star_of(struct text award) {
    size_t prefix = strlen(STAR_PREFIX);
    bool star = award.length == prefix + 1 && memcmp(award.data, STAR_PREFIX, prefix) == 0 &&
                award.data[prefix] >= '1' && award.data[prefix] <= '9';
    return star ? award.data[prefix] - '0' : 0;
}

static int fill_awards(const struct tally *tally, uint32_t volunteer, struct arena *arena,
                       struct wire_volunteer_answer *out) {
    const struct people *people = tally->people;
    uint32_t first = people->persons[volunteer].award;
    uint32_t count = 0;
    for (uint32_t next = first; next != ROW_NONE; next = people_award(people, next)->before) {
        count++;
    }
    struct wire_award_entry *items = arena_alloc(arena, ((size_t)count + 1) * sizeof *items);
    out->awards = (struct list){items, 0};
    for (uint32_t next = first; items && next != ROW_NONE; next = people_award(people, next)->before) {
        const struct award *row = people_award(people, next);
        struct text award = names_text(&tally->names, row->award);
        items[out->awards.count++] =
            (struct wire_award_entry){.present = 3, .award = award, .received_at = row->received_at};
        out->star_granted = star_of(award) > out->star_granted ? star_of(award) : out->star_granted;
    }
    return items ? 0 : -(int)ERR_NO_MEMORY;
}

static void fill_objection(const struct people *people, const struct objection *row, struct wire_objection_entry *out) {
    static const char *const states[] = {"raised", "upheld", "refused"};
    *out = (struct wire_objection_entry){.present = 7,
                                         .id = *ids_at(&people->objection_ids, row->objection),
                                         .state = text_of(states[row->state]),
                                         .received_at = row->received_at};
    if (row->hours != ROW_NONE) {
        out->hours = *ids_at(&people->hours_ids, row->hours);
        wire_set(&out->present, FIELD_objection_entry_hours);
    }
    if (row->activity != ROW_NONE) {
        out->activity = *ids_at(&people->activity_ids, row->activity);
        wire_set(&out->present, FIELD_objection_entry_activity);
    }
    if (row->state != OBJECTION_RAISED) {
        out->answer = row->answer;
        wire_set(&out->present, FIELD_objection_entry_answer);
    }
}

/* Those that came last first, whenever they were answered. */
static int compare_objections(const void *a, const void *b, void *data) {
    const struct people *people = data;
    uint32_t first = people_objection(people, *(const uint32_t *)a)->objection;
    uint32_t second = people_objection(people, *(const uint32_t *)b)->objection;
    return (first < second) - (first > second);
}

static int fill_objections(const struct people *people, uint32_t volunteer, struct arena *arena, struct list *out) {
    uint32_t first = people->persons[volunteer].objection;
    uint32_t count = 0;
    for (uint32_t next = first; next != ROW_NONE; next = people_objection(people, next)->before) {
        count += people_objection(people, next)->version.until == 0;
    }
    struct wire_objection_entry *items = arena_alloc(arena, ((size_t)count + 1) * sizeof *items);
    uint32_t *rows = arena_alloc(arena, ((size_t)count + 1) * sizeof *rows);
    *out = (struct list){items, 0};
    if (!items || !rows) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t next = first; next != ROW_NONE; next = people_objection(people, next)->before) {
        if (people_objection(people, next)->version.until == 0) {
            rows[out->count++] = next;
        }
    }
    qsort_r(rows, count, sizeof *rows, compare_objections, (void *)people);
    for (uint32_t i = 0; i < count; i++) {
        fill_objection(people, people_objection(people, rows[i]), &items[i]);
    }
    return 0;
}

/* ---- the answer ---- */

static int fill_lists(struct aggregator *aggregator, const struct wire_volunteer_query *query, uint32_t volunteer,
                      struct wire_volunteer_answer *out) {
    const struct tally *tally = aggregator->tally;
    struct arena *arena = aggregator->question_arena;
    struct overlaps *overlaps = &aggregator->overlaps;
    struct range all = {INT32_MIN, INT32_MAX};
    struct range listed = {wire_has(query->present, FIELD_volunteer_query_from) ? query->from : INT32_MIN,
                           wire_has(query->present, FIELD_volunteer_query_to) ? query->to : INT32_MAX};
    overlaps->count = 0;
    int result = fill_units(tally, volunteer, arena, &out->units);
    result = result < 0 ? result : fill_sums(tally, volunteer, arena, out);
    result = result < 0 ? result : fill_awards(tally, volunteer, arena, out);
    result = result < 0 ? result : fill_objections(tally->people, volunteer, arena, &out->objections);
    result = result < 0 ? result : view_hours(tally, volunteer, listed, arena, &out->hours);
    result = result < 0 ? result : overlaps_of(overlaps, tally->people, volunteer, all);
    return result < 0 ? result : overlaps_fill(overlaps, tally, arena, &out->overlaps);
}

int answer_volunteer(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_volunteer_query *asked = query;
    struct wire_volunteer_answer *out = answer;
    const struct tally *tally = aggregator->tally;
    uint32_t volunteer = ids_find(&tally->people->volunteer_ids, &asked->id);
    if (volunteer == IDS_NONE || !is_within(tally, volunteer, asked->within)) {
        char value[ID_TEXT_SIZE + 10] = "volunteer ";
        id_format(&asked->id, value + strlen(value));
        return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = value});
    }
    char *as_of = arena_alloc(aggregator->question_arena, POSITION_TEXT_SIZE);
    if (!as_of || fill_lists(aggregator, asked, volunteer, out) < 0) {
        return asked_no_memory(error);
    }
    position_format(&tally->position, as_of);
    out->as_of = text_of(as_of);
    fill_particulars(tally, volunteer, out);
    out->present |= shape_of(SHAPE_volunteer_answer)->required_fields;
    return 0;
}
