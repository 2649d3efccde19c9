/* The book of people against a slow recount: every dimension, random ranges, sets of units and filters, now and as it stood
 * at any earlier event; what was saved and read back is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "services/aggregator/digest.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/pages.h"
#include "services/aggregator/people/hours_rows.h"
#include "tests/unit/people_count.h"

#define SEEDS 10
#define EVENTS 400
#define QUESTIONS 40
#define ARENA_BYTES (32U << 20)

/* ---- comparing ---- */

static void assert_row(const struct counted *expected, const struct wire_hours_row *found) {
    assert_int_equal(found->signed_in, expected->minutes[GRADE_SIGNED]);
    assert_int_equal(found->leader, expected->minutes[GRADE_LEADER]);
    assert_int_equal(found->entered, expected->minutes[GRADE_ENTERED]);
    assert_int_equal(found->credit, expected->minutes[GRADE_CREDIT]);
    assert_int_equal(found->honour, expected->minutes[GRADE_HONOUR]);
    assert_int_equal(found->minutes, found->signed_in + found->leader + found->entered);
    assert_int_equal(found->attendances, expected->attendances);
    assert_int_equal(found->people, expected->people);
}

static const struct counted *row_of(const struct counting *counting, const struct asked *asked,
                                    const struct wire_hours_row *row) {
    char key[160];
    snprintf(key, sizeof key, "%.*s|%.*s|%d|%.*s|%.*s", (int)row->unit.length, row->unit.data ? row->unit.data : "",
             (int)row->programme.length, row->programme.data ? row->programme.data : "",
             asked->by & BY_BIT_GRADE ? row->grade : -1, asked->by & BY_BIT_KIND ? (int)row->kind.length : 1,
             asked->by & BY_BIT_KIND ? row->kind.data : "-", (int)row->period.length,
             row->period.data ? row->period.data : "");
    for (int i = 0; i < counting->count; i++) {
        if (strcmp(counting->rows[i].key, key) == 0) {
            return &counting->rows[i];
        }
    }
    print_error("nobody counted %s\n", key);
    return NULL;
}

struct scene {
    struct people_world world;
    struct tally *tally;
    struct hours_rows rows;
    struct arena *arena;
    struct recount *recount;
    struct counting *counting;
};

static void assert_answer(struct scene *scene, const struct asked *asked, const struct wire_hours_table *answer) {
    struct asked whole = *asked;
    scene->counting->count = 0;
    for (int i = 0; i < scene->recount->count; i++) {
        count_item(scene->counting, asked, &scene->recount->items[i]);
    }
    const struct wire_hours_row *rows = answer->rows.items;
    assert_int_equal(answer->rows.count, scene->counting->count);
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        const struct counted *expected = row_of(scene->counting, asked, &rows[i]);
        assert_non_null(expected);
        assert_row(expected, &rows[i]);
    }
    static const struct counted nothing;
    whole.by = 0;
    whole.period = 0;
    scene->counting->count = 0;
    for (int i = 0; i < scene->recount->count; i++) {
        count_item(scene->counting, &whole, &scene->recount->items[i]);
    }
    assert_row(scene->counting->count == 0 ? &nothing : &scene->counting->rows[0], answer->whole.items);
}

/* ---- asking ---- */

static int maybe(struct people_world *world, int count, uint32_t rarely) {
    return people_random(world, rarely) == 0 ? (int)people_random(world, (uint32_t)count) : RECOUNT_NONE;
}

static struct asked draw(struct people_world *world) {
    struct asked asked = {.by = people_random(world, 16), .period = (int)people_random(world, 6)};
    asked.from = people_random(world, 3) ? PEOPLE_DAY + (int32_t)people_random(world, 20) : INT32_MIN;
    asked.to = people_random(world, 3) ? PEOPLE_DAY + 20 + (int32_t)people_random(world, 500) : INT32_MAX;
    asked.units[0] = maybe(world, PEOPLE_UNITS, 2);
    asked.units[1] = asked.units[0] == RECOUNT_NONE ? RECOUNT_NONE : maybe(world, PEOPLE_UNITS, 2);
    asked.programme = maybe(world, 5, 4);
    asked.grade = maybe(world, GRADE_COUNT, 5);
    asked.kind = maybe(world, 3, 4);
    return asked;
}

static void ask(struct scene *scene, const struct asked *asked, uint64_t at, struct wire_hours_table *answer) {
    static const char *const words[] = {"squad", "programme", "grade", "kind"};
    static const char *const codes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
    struct text by[5];
    struct text units[2];
    char number[24];
    struct wire_hours_query query = {.by = {by, 0}, .units = {units, 0}};
    struct hours_question question;
    struct error error = {0};
    for (unsigned i = 0; i < 4; i++) {
        if (asked->by >> i & 1) {
            by[query.by.count++] = text_of(words[i]);
        }
    }
    if (asked->period > 0) {
        by[query.by.count++] = text_of(count_periods[asked->period]);
    }
    for (int i = 0; i < 2; i++) {
        if (asked->units[i] != RECOUNT_NONE) {
            units[query.units.count++] = text_of(people_paths[asked->units[i]]);
        }
    }
    query.from = asked->from;
    query.to = asked->to;
    query.programme = text_of(codes[asked->programme == RECOUNT_NONE ? 0 : asked->programme]);
    query.grade = asked->grade;
    query.kind = text_of(people_kinds[asked->kind == RECOUNT_NONE ? 0 : asked->kind]);
    query.present = (uint64_t)(asked->from != INT32_MIN) << FIELD_hours_query_from |
                    (uint64_t)(asked->to != INT32_MAX) << FIELD_hours_query_to |
                    (uint64_t)(asked->programme != RECOUNT_NONE) << FIELD_hours_query_programme |
                    (uint64_t)(asked->grade != RECOUNT_NONE) << FIELD_hours_query_grade |
                    (uint64_t)(asked->kind != RECOUNT_NONE) << FIELD_hours_query_kind;
    snprintf(number, sizeof number, "%llu", (unsigned long long)at);
    query.at = text_of(at == AT_HEAD ? "" : number);
    arena_reset(scene->arena);
    assert_int_equal(hours_question_read(scene->tally, &query, &question, &error), 0);
    *answer = (struct wire_hours_table){0};
    if (hours_answer_make(&scene->rows, scene->tally, &question, scene->arena, answer, &error) < 0) {
        fail_msg("%s", error.text);
    }
}

/* A question names units; those that no event spoke of yet are not known. */
static bool units_known(const struct scene *scene, const struct asked *asked) {
    bool known = true;
    for (int i = 0; i < 2; i++) {
        known = known && (asked->units[i] == RECOUNT_NONE ||
                          units_find(&scene->tally->units, text_of(people_paths[asked->units[i]])) != UNIT_NONE);
    }
    return known;
}

static void ask_some(struct scene *scene, int events, uint64_t at, int questions) {
    recount_make(scene->recount, &scene->world, events);
    for (int i = 0; i < questions; i++) {
        struct asked asked = draw(&scene->world);
        struct wire_hours_table answer;
        if (units_known(scene, &asked)) {
            ask(scene, &asked, at, &answer);
            assert_answer(scene, &asked, &answer);
        }
    }
}

/* ---- the scene ---- */

static int setup(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    *state = scene;
    scene->arena = arena_create(ARENA_BYTES);
    scene->recount = malloc(sizeof *scene->recount);
    scene->counting = malloc(sizeof *scene->counting);
    return scene->arena && scene->recount && scene->counting ? 0 : -1;
}

static int teardown(void **state) {
    struct scene *scene = *state;
    hours_rows_free(&scene->rows);
    arena_destroy(&scene->arena);
    free(scene->recount);
    free(scene->counting);
    free(scene);
    return 0;
}

static void begin(struct scene *scene, uint64_t seed) {
    const char *chosen = getenv("CHAOXUN_SEED");
    people_world_make(&scene->world, chosen ? strtoull(chosen, NULL, 10) : seed, EVENTS);
    scene->tally = tally_create();
    assert_non_null(scene->tally);
}

static void end(struct scene *scene) {
    tally_destroy(&scene->tally);
    free(scene->world.events);
}

static void fold_until(struct scene *scene, int events) {
    for (int i = (int)scene->tally->position.seq; i < events; i++) {
        struct error error = {0};
        if (fold_event(scene->tally, &scene->world.events[i].event, &error) < 0) {
            fail_msg("%s", error.text);
        }
        scene->tally->position = (struct position){7, 1, (uint64_t)i + 1, 99};
    }
}

static void figures_equal_a_recount(void **state) {
    struct scene *scene = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(scene, seed);
        /* Questions in between make rolls, which the events behind them then keep up to date. */
        for (int events = 40; events <= EVENTS; events += 90) {
            fold_until(scene, events);
            ask_some(scene, events, AT_HEAD, QUESTIONS / 4);
        }
        fold_until(scene, EVENTS);
        ask_some(scene, EVENTS, AT_HEAD, QUESTIONS);
        end(scene);
    }
}

static void earlier_figures_are_those_that_were(void **state) {
    struct scene *scene = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(scene, seed);
        fold_until(scene, EVENTS);
        for (int i = 0; i < QUESTIONS / 4; i++) {
            int events = (int)people_random(&scene->world, EVENTS);
            ask_some(scene, events, (uint64_t)events, 3);
        }
        end(scene);
    }
}

/* ---- saving ---- */

static struct hash digest_of(struct tally *tally) {
    struct digest digest;
    struct hash hash;
    assert_int_equal(digest_take(tally, &digest), 0);
    digest_hash(&digest, &hash);
    digest_free(&digest);
    return hash;
}

static struct tally *read_back(struct tally *tally) {
    struct tally *read = tally_create();
    struct pages_head head;
    struct buffer bytes = {0};
    pages_write_head(tally, &bytes);
    assert_int_equal(pages_read_head(read, (struct text){(char *)bytes.data, (uint32_t)bytes.length}, &head), 0);
    assert_int_equal(pages_expect(read, &head), 0);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * PAGE_ROWS < pages_rows(tally, kind); page++) {
            buffer_clear(&bytes);
            pages_write(tally, kind, page, &bytes);
            assert_int_equal(pages_read(read, kind, (struct text){(char *)bytes.data, (uint32_t)bytes.length}), 0);
        }
    }
    assert_int_equal(pages_complete(read), 0);
    read->position = head.position;
    read->hash = head.hash;
    buffer_free(&bytes);
    return read;
}

static void what_is_read_back_is_the_same(void **state) {
    struct scene *scene = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(scene, seed);
        struct scene other = *scene;
        fold_until(scene, EVENTS / 2);
        other.tally = read_back(scene->tally);
        fold_until(scene, EVENTS);
        fold_until(&other, EVENTS);
        struct hash first = digest_of(scene->tally);
        struct hash second = digest_of(other.tally);
        assert_memory_equal(&first, &second, sizeof first);
        tally_destroy(&scene->tally);
        scene->tally = other.tally;
        ask_some(scene, EVENTS, AT_HEAD, QUESTIONS / 4);
        end(scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_equal_a_recount, setup, teardown),
        cmocka_unit_test_setup_teardown(earlier_figures_are_those_that_were, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_read_back_is_the_same, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
