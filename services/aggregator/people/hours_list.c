/* The hours and sign-ins behind a figure: the walk of hours_past.c row by row, a page at a time. */
#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"

#define LIMIT_DEFAULT 500
#define READ_MAX 1000000 /* rows that a page looks at */

/* A row's place for `next`: credits and sign-ins have numbers of their own. */
#define PLACE(number, sign_in) ((uint64_t)(number)*2 + (sign_in))

struct page {
    const struct tally *tally;
    const struct squads *squads; /* as they stood */
    const struct hours_question *question;
    uint32_t within; /* or UNIT_NONE */
    uint32_t limit;
    uint32_t read;
    struct wire_hours_list_row *items;
    uint32_t count;
    bool full;     /* there may be more: */
    uint64_t next; /* the place at which to go on */
};

static bool is_asked(const struct page *page, uint32_t unit, int32_t day, uint32_t number) {
    const struct hours_question *question = page->question;
    const struct mix *mix = people_mix(page->tally->people, number);
    uint32_t row;
    return units_within(&page->tally->units, unit, page->within) && question->range.from <= day &&
           day <= question->range.to && hours_question_has(question, page->squads, unit, &row) &&
           hours_question_fits(question, mix) && hours_question_sums(question, mix->grade);
}

static struct wire_hours_list_row *add(struct page *page) {
    struct wire_hours_list_row *row = &page->items[page->count++];
    row->present = shape_of(SHAPE_hours_list_row)->required_fields;
    return row;
}

static void look_at_credit(struct page *page, uint32_t number) {
    const struct people *people = page->tally->people;
    const struct credit *row = people_credit(people, number);
    const struct hours *hours = people_hours(people, row->hours);
    if (row->minutes == 0 || !version_stands(&row->version, page->question->at) ||
        !is_asked(page, hours->unit, hours->day, row->mix)) {
        return;
    }
    struct wire_hours_list_row *out = add(page);
    out->event = *ids_at(&people->hours_ids, row->hours);
    out->volunteer = *ids_at(&people->volunteer_ids, row->volunteer);
    out->activity = *ids_at(&people->activity_ids, hours->activity);
    out->unit = units_path(&page->tally->units, hours->unit);
    out->date = hours->day;
    out->minutes = row->minutes;
    out->grade = people_mix(people, row->mix)->grade;
    out->attendance = row->own;
}

/* Sign-ins count where they hold the presence; of others the credit tells. */
static void look_at_sign_in(struct page *page, uint32_t number) {
    const struct people *people = page->tally->people;
    const struct attendance *row = people_attendance(people, number);
    int32_t day = day_of_minute(row->minute);
    if (!row->own || !version_stands(&row->version, page->question->at) || !is_asked(page, row->unit, day, row->mix)) {
        return;
    }
    struct wire_hours_list_row *out = add(page);
    out->event = row->id;
    out->volunteer = *ids_at(&people->volunteer_ids, row->volunteer);
    out->activity = *ids_at(&people->activity_ids, row->activity);
    out->unit = units_path(&page->tally->units, row->unit);
    out->date = day;
    out->grade = people_mix(people, row->mix)->grade;
    out->attendance = true;
}

/* The rows of one ledger from its number on; the page is full where it stops. */
static void walk(struct page *page, uint64_t number, bool sign_ins) {
    const struct people *people = page->tally->people;
    uint32_t count = people_count(people, sign_ins ? PEOPLE_ATTENDANCES : PEOPLE_CREDITS);
    for (; number < count; number++) {
        if (page->count == page->limit || page->read++ == READ_MAX) {
            page->full = true;
            page->next = PLACE(number, sign_ins);
            return;
        }
        if (sign_ins) {
            look_at_sign_in(page, (uint32_t)number);
        } else {
            look_at_credit(page, (uint32_t)number);
        }
    }
}

/* The filters as those of the question whose figures they lead to. */
static int read_filters(const struct tally *tally, const struct wire_hours_list_query *query,
                        struct hours_question *question, struct error *error) {
    struct wire_hours_query figures = {.from = query->from,
                                       .to = query->to,
                                       .units = query->units,
                                       .unit = query->unit,
                                       .programme = query->programme,
                                       .grade = query->grade,
                                       .kind = query->kind,
                                       .at = query->at};
    static const struct {
        unsigned of_list;
        unsigned of_figures;
    } both[] = {
        {FIELD_hours_list_query_from, FIELD_hours_query_from},
        {FIELD_hours_list_query_to, FIELD_hours_query_to},
        {FIELD_hours_list_query_units, FIELD_hours_query_units},
        {FIELD_hours_list_query_unit, FIELD_hours_query_unit},
        {FIELD_hours_list_query_programme, FIELD_hours_query_programme},
        {FIELD_hours_list_query_grade, FIELD_hours_query_grade},
        {FIELD_hours_list_query_kind, FIELD_hours_query_kind},
        {FIELD_hours_list_query_at, FIELD_hours_query_at},
    };
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        figures.present |= (uint64_t)wire_has(query->present, both[i].of_list) << both[i].of_figures;
    }
    return hours_question_read(tally, &figures, question, error);
}

int answer_hours_list(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_hours_list_query *asked = query;
    struct wire_hours_list *out = answer;
    struct arena *arena = aggregator->question_arena;
    struct hours_question question;
    struct page page = {
        .tally = aggregator->tally, .squads = &aggregator->squads, .question = &question, .limit = LIMIT_DEFAULT};
    uint64_t after = wire_has(asked->present, FIELD_hours_list_query_after) ? (uint64_t)asked->after : 0;
    if (wire_has(asked->present, FIELD_hours_list_query_limit)) {
        page.limit = (uint32_t)asked->limit;
    }
    int result = read_filters(page.tally, asked, &question, error);
    if (result == 0) {
        result = people_find_unit(page.tally, wire_has(asked->present, FIELD_hours_list_query_within), "within",
                                  asked->within, &page.within, error);
    }
    if (result < 0) {
        return result;
    }
    char *as_of = asked_as_of(page.tally, arena);
    page.items = arena_alloc(arena, (size_t)page.limit * sizeof *page.items);
    if (!as_of || !page.items || squads_at(&aggregator->squads, page.tally, question.at) < 0) {
        return asked_no_memory(error);
    }
    if (after % 2 == 0) {
        walk(&page, after / 2, false);
    }
    if (!page.full) {
        walk(&page, after % 2 == 1 ? after / 2 : 0, true);
    }
    *out = (struct wire_hours_list){.as_of = text_of(as_of),
                                    .at = (int64_t)question.at,
                                    .rows = {page.items, page.count},
                                    .next = (int64_t)page.next};
    out->present = shape_of(SHAPE_hours_list)->required_fields |
                   (uint64_t)(question.at != AT_HEAD) << FIELD_hours_list_at |
                   (uint64_t)page.full << FIELD_hours_list_next;
    return 0;
}
