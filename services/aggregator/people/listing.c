/* Hours one by one, for lists that go to another platform. */
#include "services/aggregator/aggregator.h"

#define LIMIT_DEFAULT 1000
#define EACH_MAX 5000 /* of a page beyond its limit: one hours.credited has 500 credits at most */

struct listing {
    const struct tally *tally;
    uint32_t within;
    uint32_t unit;
    struct range range;
    bool missing;
    uint32_t platform; /* among the names; NAME_NONE when nothing was ever transferred there */
    struct wire_credit_entry *items;
    uint32_t count;
};

static bool is_transferred(const struct people *people, uint32_t hours, uint32_t platform) {
    uint32_t next = people->transfers[hours];
    while (next != ROW_NONE && people_transfer(people, next)->platform != platform) {
        next = people_transfer(people, next)->before;
    }
    return next != ROW_NONE;
}

static bool is_listed(const struct listing *listing, uint32_t number) {
    const struct hours *hours = people_hours(listing->tally->people, number);
    const struct units *units = &listing->tally->units;
    return units_within(units, hours->unit, listing->within) && units_within(units, hours->unit, listing->unit) &&
           listing->range.from <= hours->day && hours->day <= listing->range.to &&
           !(listing->missing && is_transferred(listing->tally->people, number, listing->platform));
}

static void add_credit(struct listing *listing, uint32_t number, uint32_t credit) {
    const struct people *people = listing->tally->people;
    const struct credit *row = people_credit(people, credit);
    const struct hours *hours = people_hours(people, number);
    if (row->minutes == 0) {
        return;
    }
    listing->items[listing->count++] = (struct wire_credit_entry){
        .present = shape_of(SHAPE_credit_entry)->required_fields,
        .hours = *ids_at(&people->hours_ids, number),
        .volunteer = *ids_at(&people->volunteer_ids, row->volunteer),
        .activity = *ids_at(&people->activity_ids, hours->activity),
        .unit = units_path(&listing->tally->units, hours->unit),
        .date = hours->day,
        .minutes = row->minutes,
        .grade = people_mix(people, row->mix)->grade,
    };
}

static void add_hours(struct listing *listing, uint32_t number) {
    const struct people *people = listing->tally->people;
    const struct hours *hours = people_hours(people, number);
    for (uint32_t i = 0; i < hours->count && listing->count < EACH_MAX * 2; i++) {
        uint32_t volunteer = people_credit(people, hours->first + i)->volunteer;
        uint32_t standing = credit_standing(people, number, volunteer, AT_HEAD);
        if (standing != ROW_NONE) {
            add_credit(listing, number, standing);
        }
    }
}

static int read_query(struct listing *listing, const struct wire_credits_query *query, struct error *error) {
    const struct tally *tally = listing->tally;
    uint64_t present = query->present;
    listing->range = (struct range){wire_has(present, FIELD_credits_query_from) ? query->from : INT32_MIN,
                                    wire_has(present, FIELD_credits_query_to) ? query->to : INT32_MAX};
    listing->missing = wire_has(present, FIELD_credits_query_missing);
    listing->platform = listing->missing ? names_find(&tally->names, query->missing) : NAME_NONE;
    int result = people_find_unit(tally, wire_has(present, FIELD_credits_query_within), "within", query->within,
                                  &listing->within, error);
    return result < 0 ? result
                      : people_find_unit(tally, wire_has(present, FIELD_credits_query_unit), "unit", query->unit,
                                         &listing->unit, error);
}

int answer_credits(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_credits_query *asked = query;
    struct wire_credits_answer *out = answer;
    struct listing listing = {.tally = aggregator->tally};
    uint32_t total = people_count(aggregator->tally->people, PEOPLE_HOURS);
    uint32_t limit = wire_has(asked->present, FIELD_credits_query_limit) ? (uint32_t)asked->limit : LIMIT_DEFAULT;
    uint64_t number = wire_has(asked->present, FIELD_credits_query_after) ? (uint64_t)asked->after : 0;
    int result = read_query(&listing, asked, error);
    char *as_of = arena_alloc(aggregator->question_arena, POSITION_TEXT_SIZE);
    listing.items = arena_alloc(aggregator->question_arena, (size_t)EACH_MAX * 2 * sizeof *listing.items);
    if (result < 0 || !as_of || !listing.items) {
        return result < 0 ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (; number < total && listing.count < limit; number++) {
        if (is_listed(&listing, (uint32_t)number)) {
            add_hours(&listing, (uint32_t)number);
        }
    }
    position_format(&aggregator->tally->position, as_of);
    out->as_of = text_of(as_of);
    out->rows = (struct list){listing.items, listing.count};
    out->next = (int64_t)number;
    out->present = shape_of(SHAPE_credits_answer)->required_fields | (uint64_t)(number < total)
                                                                         << FIELD_credits_answer_next;
    return 0;
}
