/* Assessments: points and places are those of a slow recount, rankings those of the plain events, and what was frozen gives the
 * same bytes whatever comes later, also after the tally was saved and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/assessment/score.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/pages.h"

#define ROUNDS 4000
#define SQUADS 5
#define STEPS 120
#define SEEDS 8
#define BASE 10000
#define BEGIN INT64_C(1777564800000) /* 2026-05-01 00:00 in China */

static const char *const squads[SQUADS] = {"haining/a", "haining/b", "haining/c", "haining/d", "haining/e"};

static unsigned pick(unsigned *seed, unsigned below) {
    *seed = *seed * 1103515245U + 12345U;
    return (*seed >> 16) % below;
}

/* ---- pure ---- */

/* One step at a time, as one would do it with a pencil. */
static int64_t slow_points(const struct scheme_item *item, int64_t value) {
    int64_t left = value - item->beyond;
    int64_t points = 0;
    while (left >= item->each) {
        left -= item->each;
        points += item->points;
    }
    if (points > item->cap) {
        points = item->cap;
    }
    return points < -item->cap ? -item->cap : points;
}

static void points_equal_a_slow_recount(void **state) {
    (void)state;
    unsigned seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct scheme_item item = {.beyond = pick(&seed, 20),
                                   .each = 1 + pick(&seed, 7),
                                   .points = (int64_t)pick(&seed, 401) - 200,
                                   .cap = pick(&seed, 3) ? pick(&seed, 2000) : POINTS_MOST};
        int64_t value = (int64_t)pick(&seed, 300) - 20;
        bool capped = false;
        int64_t found = score_figure(&item, value, &capped);
        assert_int_equal(found, slow_points(&item, value));
        assert_true(!capped || found == item.cap || found == -item.cap);
    }
    bool capped = false;
    const struct scheme_item huge = {.each = 1, .points = -100000, .cap = POINTS_MOST};
    assert_int_equal(score_figure(&huge, INT64_MAX, &capped), -POINTS_MOST);
    const struct scheme_item by_hand = {.each = 1, .points = -500, .cap = 300};
    assert_int_equal(score_by_hand(&by_hand, -400), -300);
    assert_int_equal(score_by_hand(&by_hand, 10), 0);
}

/* A place is one more than the number of those with more points. */
static void places_equal_a_slow_recount(void **state) {
    (void)state;
    unsigned seed = 2;
    for (int i = 0; i < ROUNDS / 10; i++) {
        int64_t points[30];
        uint32_t order[30];
        uint32_t ranks[30];
        uint32_t count = pick(&seed, 31);
        for (uint32_t j = 0; j < count; j++) {
            points[j] = (int64_t)pick(&seed, 12) - 4;
        }
        score_rank(points, count, order, ranks);
        for (uint32_t j = 0; j < count; j++) {
            uint32_t more = 0;
            for (uint32_t k = 0; k < count; k++) {
                more += points[k] > points[j];
            }
            assert_int_equal(ranks[j], more + 1);
            assert_true(j == 0 || points[order[j - 1]] > points[order[j]] ||
                        (points[order[j - 1]] == points[order[j]] && order[j - 1] < order[j]));
        }
    }
}

static void bands_hold_their_ends(void **state) {
    (void)state;
    const struct scheme_band bands[] = {{0, 5999, 1, 0}, {6000, 8999, 2, 0}, {9000, 9999, 3, 0}};
    assert_int_equal(score_band(bands, 3, 5999)->name, 1);
    assert_int_equal(score_band(bands, 3, 6000)->name, 2);
    assert_int_equal(score_band(bands, 3, 9999)->name, 3);
    assert_null(score_band(bands, 3, 10000));
    assert_null(score_band(bands, 3, -1));
}

/* ---- with the books ---- */

/* What the recount reads, by squad. */
struct plain {
    int64_t raised;
    int64_t final;
    int64_t adjusted;
};

struct run {
    unsigned seed;
    uint64_t seq;
    struct plain plain[SQUADS];
    struct aggregator aggregator;
};

static struct id id_of(uint64_t number) {
    return (struct id){{9, 9, (uint8_t)(number >> 8), (uint8_t)number, 1}};
}

/* The event's own id is that of its number, which is given back. */
static uint64_t fold(struct run *run, enum event_type type, const char *unit, union event_body body) {
    run->seq++;
    struct event event = {.id = id_of(run->seq),
                          .type = type,
                          .unit = text_of(unit),
                          .at = BEGIN + (int64_t)run->seq * 60000,
                          .received_at = BEGIN + (int64_t)run->seq * 60000,
                          .seq = run->seq,
                          .body = &body};
    assert_int_equal(fold_event(run->aggregator.tally, &event, NULL), 0);
    run->aggregator.tally->position = (struct position){7, 1, run->seq, 99};
    return run->seq;
}

static void set_scheme(struct run *run) {
    struct wire_scheme_item items[] = {{.item = text_of("raised"),
                                        .name = text_of("问题发现"),
                                        .figure = text_of("problems-raised"),
                                        .each = 2,
                                        .points = 30,
                                        .cap = 200},
                                       {.item = text_of("order"), .name = text_of("现场秩序"), .points = 500}};
    wire_set(&items[0].present, FIELD_scheme_item_figure);
    wire_set(&items[0].present, FIELD_scheme_item_each);
    wire_set(&items[0].present, FIELD_scheme_item_cap);
    union event_body body = {.scheme = {.scheme = text_of("monthly"),
                                        .version = 1,
                                        .name = text_of("月度考核"),
                                        .period = text_of("month"),
                                        .holds_from = 12 * 56 + 4,
                                        .base = BASE,
                                        .items = {items, 2}}};
    wire_set(&body.scheme.present, FIELD_scheme_holds_from);
    fold(run, EVENT_SCHEME_SET, "haining", body);
}

static void set_score(struct run *run, int squad, const char *stage, int64_t points) {
    union event_body body = {.score = {.scheme = text_of("monthly"),
                                       .item = text_of("order"),
                                       .period = text_of("2026-05"),
                                       .stage = text_of(stage),
                                       .points = points}};
    fold(run, EVENT_SCORE_SET, squads[squad], body);
}

static void step(struct run *run) {
    int squad = (int)pick(&run->seed, SQUADS);
    unsigned dice = pick(&run->seed, 10);
    if (dice < 7) {
        union event_body body = {.problem = {.kind = text_of("posters")}};
        wire_set(&body.problem.present, FIELD_problem_kind);
        fold(run, EVENT_PROBLEM_RAISED, squads[squad], body);
        run->plain[squad].raised++;
    } else {
        int64_t points = pick(&run->seed, 4) * 100;
        set_score(run, squad, dice == 7 ? "self" : "final", points);
        run->plain[squad].final = dice == 7 ? run->plain[squad].final : points;
    }
}

static struct run *run_open(unsigned seed) {
    struct run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    run->seed = seed;
    run->aggregator.tally = tally_create();
    run->aggregator.question_arena = arena_create(64 << 20);
    for (int i = 0; i < SQUADS; i++) {
        union event_body body = {.unit = {.name = text_of(squads[i]), .kind = text_of("squad")}};
        fold(run, EVENT_UNIT_SET, squads[i], body);
    }
    set_scheme(run);
    return run;
}

static void run_close(struct run *run) {
    rows_free(&run->aggregator.rows);
    squads_free(&run->aggregator.squads);
    tally_destroy(&run->aggregator.tally);
    arena_destroy(&run->aggregator.question_arena);
    free(run);
}

static struct wire_assessment_answer ask(struct run *run) {
    const struct wire_assessment_query query = {.scheme = text_of("monthly"), .period = text_of("2026-05")};
    struct wire_assessment_answer answer = {0};
    struct error error;
    arena_reset(run->aggregator.question_arena);
    if (answer_assessment(&run->aggregator, &query, &answer, &error) < 0) {
        fail_msg("%s", error.text);
    }
    return answer;
}

static int64_t recount(const struct plain *plain) {
    int64_t earned = plain->raised / 2 * 30;
    return BASE + (earned > 200 ? 200 : earned) + plain->final + plain->adjusted;
}

static void check(struct run *run, const struct plain *plain) {
    struct wire_assessment_answer answer = ask(run);
    const struct wire_assessment_row *rows = answer.rows.items;
    assert_int_equal(answer.rows.count, SQUADS);
    for (int i = 0; i < SQUADS; i++) {
        int squad = rows[i].unit.data[rows[i].unit.length - 1] - 'a';
        int more = 0;
        for (int other = 0; other < SQUADS; other++) {
            more += recount(&plain[other]) > recount(&plain[squad]);
        }
        assert_int_equal(rows[i].points, recount(&plain[squad]));
        assert_int_equal(rows[i].rank, more + 1);
    }
}

static uint64_t set_result(struct run *run, enum event_type type, uint64_t at) {
    char as_of[POSITION_TEXT_SIZE];
    position_format(&(struct position){7, 1, at, 99}, as_of);
    union event_body body = {
        .assessment = {
            .scheme = text_of("monthly"), .version = 1, .period = text_of("2026-05"), .as_of = text_of(as_of)}};
    return fold(run, type, "haining", body);
}

/* An appeal of the squad, upheld or not. */
static void appeal(struct run *run, uint64_t published, int squad, bool upheld) {
    union event_body raised = {.appeal = {.assessment = id_of(published)}};
    uint64_t number = fold(run, EVENT_ASSESSMENT_APPEALED, squads[squad], raised);
    union event_body answered = {.appeal_answer = {.appeal = id_of(number), .upheld = upheld, .points = 70}};
    fold(run, EVENT_ASSESSMENT_ANSWERED, "haining", answered);
}

static struct buffer bytes_of(struct run *run) {
    struct buffer bytes = {0};
    struct wire_assessment_answer answer = ask(run);
    assert_int_equal(codec_encode(shape_of(SHAPE_assessment_answer), &answer, &bytes), 0);
    return bytes;
}

static void check_frozen(struct run *run, const struct buffer *frozen) {
    struct buffer bytes = bytes_of(run);
    assert_int_equal(bytes.length, frozen->length);
    assert_memory_equal(bytes.data, frozen->data, frozen->length);
    buffer_free(&bytes);
}

static void read_back(struct run *run) {
    struct tally *again = tally_create();
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * (uint64_t)PAGE_ROWS < pages_rows(run->aggregator.tally, kind); page++) {
            struct buffer bytes = {0};
            pages_write(run->aggregator.tally, kind, page, &bytes);
            assert_int_equal(pages_read(again, kind, (struct text){(char *)bytes.data, (uint32_t)bytes.length}), 0);
            buffer_free(&bytes);
        }
    }
    assert_int_equal(pages_complete(again), 0);
    again->position = run->aggregator.tally->position;
    tally_destroy(&run->aggregator.tally);
    run->aggregator.tally = again;
}

/* In preview it follows the events, published only the appeals, frozen nothing. */
static void a_frozen_period_never_changes(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct run *run = run_open(seed);
        for (int i = 0; i < STEPS; i++) {
            step(run);
            if (i % 10 == 0) {
                check(run, run->plain);
            }
        }
        struct plain held[SQUADS];
        memcpy(held, run->plain, sizeof held);
        uint64_t at = run->seq;
        step(run);
        uint64_t published = set_result(run, EVENT_ASSESSMENT_PUBLISHED, at);
        step(run);
        check(run, held);
        appeal(run, published, (int)seed % SQUADS, true);
        held[seed % SQUADS].adjusted += 70;
        appeal(run, published, 0, false);
        check(run, held);
        set_result(run, EVENT_ASSESSMENT_FROZEN, at);
        struct buffer frozen = bytes_of(run);
        check(run, held);
        for (int i = 0; i < STEPS / 4; i++) {
            step(run);
            check_frozen(run, &frozen);
        }
        union event_body renamed = {.unit = {.name = text_of("改名"), .kind = text_of("squad")}};
        fold(run, EVENT_UNIT_SET, squads[1], renamed);
        appeal(run, published, 2, true);
        set_result(run, EVENT_ASSESSMENT_PUBLISHED, run->seq);
        check_frozen(run, &frozen);
        read_back(run);
        step(run);
        check_frozen(run, &frozen);
        buffer_free(&frozen);
        run_close(run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_equal_a_slow_recount),
        cmocka_unit_test(places_equal_a_slow_recount),
        cmocka_unit_test(bands_hold_their_ends),
        cmocka_unit_test(a_frozen_period_never_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
