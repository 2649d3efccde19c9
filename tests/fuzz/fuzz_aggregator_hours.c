/* Fuzzes questions about hours: any bytes as an hours_query against a small fixed book of people. Whatever is asked is refused
 * by name or answered; from the rolls and by a walk over all versions comes the same; rows add up to the whole, and so do the
 * hours and sign-ins that stand behind it. */
#include <assert.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/fold.h"
#include "tests/unit/people_world.h"

#define EVENTS 300

struct desk {
    struct aggregator aggregator; /* of which the question about what stands behind takes tally and arena */
    struct hours_rows rows;
    struct hours_rows before;
    struct buffer bytes;
    struct buffer again;
};

static struct desk *desk_make(void) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert(desk);
    desk->aggregator.tally = tally_create();
    desk->aggregator.question_arena = arena_create((size_t)256 * 1024 * 1024);
    assert(desk->aggregator.tally && desk->aggregator.question_arena);
    struct people_world world;
    people_world_make(&world, 4, EVENTS);
    for (int i = 0; i < world.count; i++) {
        int result = fold_event(desk->aggregator.tally, &world.events[i].event, NULL);
        assert(result == 0);
        desk->aggregator.tally->position = (struct position){7, 1, (uint64_t)i + 1, 9};
    }
    free(world.events);
    return desk;
}

/* ---- rows and the whole ---- */

static void check_row(const struct wire_hours_row *row) {
    assert(row->minutes == row->signed_in + row->leader + row->entered);
    assert(row->attendances >= 0 && row->people >= 0 && row->credit >= 0 && row->honour >= 0);
    assert(row->minutes + row->credit + row->honour + row->attendances + row->people > 0);
}

/* Programmes overlap; a grade of another platform is in rows of its own, and not in the whole. */
static void check_whole(const struct hours_question *question, const struct wire_hours_table *table) {
    const struct wire_hours_row *rows = table->rows.items;
    const struct wire_hours_row *whole = table->whole.items;
    struct wire_hours_row sum = {0};
    for (uint32_t i = 0; i < table->rows.count; i++) {
        check_row(&rows[i]);
        sum.minutes += rows[i].minutes;
        sum.credit += rows[i].credit;
        sum.attendances += rows[i].attendances;
        sum.people += rows[i].people;
    }
    assert(whole->minutes <= sum.minutes && whole->attendances <= sum.attendances && whole->people <= sum.people);
    assert(question->by_programme || (whole->minutes == sum.minutes && whole->credit == sum.credit));
    assert(question->by_programme || question->by_grade || whole->attendances == sum.attendances);
}

/* ---- the same by another way ---- */

static void encode(const struct wire_hours_table *table, struct buffer *out) {
    struct wire_hours_table plain = *table;
    plain.present &= ~(UINT64_C(1) << FIELD_hours_table_at);
    buffer_clear(out);
    int result = codec_encode(shape_of(SHAPE_hours_table), &plain, out);
    assert(result == 0);
}

/* At the present rolls answer, at the last event a walk. */
static void check_walk(struct desk *desk, struct hours_question question, const struct wire_hours_table *table) {
    struct wire_hours_table walked = {0};
    struct error error = {0};
    if (question.at != AT_HEAD) {
        return;
    }
    question.at = desk->aggregator.tally->position.seq;
    int result = hours_answer_make(&desk->before, desk->aggregator.tally, &question, desk->aggregator.question_arena,
                                   &walked, &error);
    assert(result == 0);
    encode(table, &desk->bytes);
    encode(&walked, &desk->again);
    assert(desk->bytes.length == desk->again.length &&
           memcmp(desk->bytes.data, desk->again.data, desk->bytes.length) == 0);
}

/* ---- what stands behind ---- */

static struct wire_hours_list_query list_query(const struct wire_hours_query *query) {
    struct wire_hours_list_query list = {.from = query->from,
                                         .to = query->to,
                                         .units = query->units,
                                         .unit = query->unit,
                                         .programme = query->programme,
                                         .grade = query->grade,
                                         .kind = query->kind,
                                         .at = query->at,
                                         .limit = 100};
#define BOTH(name) (uint64_t) wire_has(query->present, FIELD_hours_query_##name) << FIELD_hours_list_query_##name
    list.present = BOTH(from) | BOTH(to) | BOTH(units) | BOTH(unit) | BOTH(programme) | BOTH(grade) | BOTH(kind) |
                   BOTH(at) | UINT64_C(1) << FIELD_hours_list_query_limit;
#undef BOTH
    return list;
}

static void check_behind(struct desk *desk, const struct wire_hours_query *query, const struct wire_hours_row *whole) {
    struct wire_hours_list_query list = list_query(query);
    int64_t minutes = 0;
    int64_t attendances = 0;
    bool more = true;
    while (more) {
        struct wire_hours_list answer = {0};
        struct error error = {0};
        int result = answer_hours_list(&desk->aggregator, &list, &answer, &error);
        assert(result == 0);
        const struct wire_hours_list_row *rows = answer.rows.items;
        for (uint32_t i = 0; i < answer.rows.count; i++) {
            minutes += rows[i].minutes;
            attendances += rows[i].attendance;
        }
        more = wire_has(answer.present, FIELD_hours_list_next);
        assert(!more || answer.next > list.after);
        list.after = answer.next;
        wire_set(&list.present, FIELD_hours_list_query_after);
    }
    assert(attendances == whole->attendances);
    assert(minutes == whole->minutes || (query->grade == GRADE_CREDIT && minutes == whole->credit) ||
           (query->grade == GRADE_HONOUR && minutes == whole->honour));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct desk *desk;
    desk = desk ? desk : desk_make();
    struct arena *arena = desk->aggregator.question_arena;
    struct wire_hours_query query;
    struct wire_hours_table table = {0};
    struct hours_question question;
    struct faults faults;
    struct error error = {0};
    faults_clear(&faults);
    arena_reset(arena);
    struct text bytes = {(const char *)data, (uint32_t)size};
    if (codec_decode(shape_of(SHAPE_hours_query), bytes, arena, &query, &faults) < 0) {
        return 0;
    }
    if (hours_question_read(desk->aggregator.tally, &query, &question, &error) < 0) {
        assert(error.code != ERR_OK && error.text_zh[0] != '\0');
        return 0;
    }
    int result = hours_answer_make(&desk->rows, desk->aggregator.tally, &question, arena, &table, &error);
    assert(result == 0);
#ifdef PLANTED_BUG
    /* A careless screen: has room for three years. */
    struct range range = question.range;
    assert(range.from == INT32_MIN || range.to == INT32_MAX || range.to - range.from < 3 * 366);
#endif
    check_whole(&question, &table);
    check_walk(desk, question, &table);
    check_behind(desk, &query, table.whole.items);
    return 0;
}
