/* Lives: every step in every state is admitted or refused as tables/lives.def says, whether what came before waits for
 * its commit, is stored, or was stored before intake started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sample.h"
#include "services/intake/history.h"
#include "services/intake/marks.h"
#include "services/intake/step.h"
#include "tests/unit/journal_fixture.h"

#define PATH_STEPS_MAX 16

enum place { WAITING, STORED, STORED_BEFORE, PLACES };

struct scene {
    struct journal_fixture fixture;
    struct journal *journal;
    struct journal_reader *reader;
    struct pending pending;
    struct id_table waiting;
    struct history history;
    struct arena *arena;
    struct sampler sampler;
};

static void open_history(struct scene *scene) {
    scene->reader = fixture_reader(&scene->fixture);
    assert_int_equal(history_open(&scene->history, scene->reader, &scene->pending, &scene->waiting), 0);
}

static void close_history(struct scene *scene) {
    history_close(&scene->history);
    journal_reader_close(&scene->reader);
}

static int setup(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    fixture_setup(&scene->fixture);
    scene->fixture.options.derive = marks_derive;
    scene->fixture.options.derive_version = MARKS_VERSION;
    scene->journal = fixture_open(&scene->fixture);
    struct pending_limits limits = {1024, 1 << 22, 8192, 1 << 24};
    pending_begin(&scene->pending, &limits, journal_head(scene->journal).seq + 1);
    scene->arena = arena_create(1 << 24);
    scene->sampler = (struct sampler){.state = 20200623, .arena = scene->arena};
    open_history(scene);
    *state = scene;
    return 0;
}

static int teardown(void **state) {
    struct scene *scene = *state;
    close_history(scene);
    pending_free(&scene->pending);
    id_table_free(&scene->waiting);
    journal_close(&scene->journal);
    fixture_teardown(&scene->fixture);
    arena_destroy(&scene->arena);
    free(scene);
    return 0;
}

/* ---- events ---- */

static struct event *make(struct scene *scene, enum event_type type, const struct id *subject) {
    struct event *event = arena_alloc(scene->arena, sizeof *event);
    assert_non_null(event);
    sample_event(&scene->sampler, type, event);
    const struct life_step *step = life_step_of(type);
    assert_true(step || !subject);
    event->received_at = event->at;
    event->source = text_of("client:test");
    if (type == EVENT_PROBLEM_RAISED) {
        event->body->problem.solved = false;
    }
    if (step && step->names_subject) {
        memcpy((char *)event->body + life_subject_field(step)->offset, subject, sizeof *subject);
        wire_set((uint64_t *)(void *)event->body, step->field);
    }
    return event;
}

static void keep(struct scene *scene, struct event *event) {
    assert_non_null(pending_batch(&scene->pending, false));
    assert_int_equal(pending_add(&scene->pending, event), 0);
    assert_int_equal(id_table_put(&scene->waiting, &event->id, event->seq), 0);
    history_note(&scene->history, event);
}

/* All that waits becomes one block. */
static void store(struct scene *scene) {
    struct journal_append_block block;
    struct position after;
    struct error error;
    struct batch *batch = pending_take(&scene->pending);
    assert_int_equal(batch_block(batch, &block), 0);
    assert_int_equal(journal_append(scene->journal, &block, &after, &error), 0);
    id_table_clear(&scene->waiting);
    pending_recycle(&scene->pending, &batch);
}

static void put(struct scene *scene, enum place place) {
    if (place != WAITING) {
        store(scene);
    }
    if (place == STORED_BEFORE) {
        close_history(scene);
        open_history(scene);
    }
}

static bool admits(struct scene *scene, const struct event *event, struct faults *faults) {
    static const struct identity office = {.role = ROLE_ADMIN, .source = "client:test"};
    struct admit_lookups lookups = history_lookups(&scene->history);
    struct admit_context context = {.identity = &office, .lookups = &lookups};
    faults_clear(faults);
    assert_int_equal(step_check(&context, event, faults), 0);
    assert_true(faults->count <= 1);
    return faults->count == 0;
}

/* ---- the walk ---- */

/* The later steps of a life that lead to `state` from its beginning, the shortest way; -1: none does. */
static int way_to(enum life life, enum life_state state, enum event_type way[PATH_STEPS_MAX]) {
    enum event_type by[STATE_COUNT] = {0};
    enum life_state from[STATE_COUNT] = {STATE_NONE};
    enum life_state queue[STATE_COUNT];
    int read = 0;
    int written = 0;
    enum life_state first = life_step_of(life_first(life))->to;
    queue[written++] = first;
    from[first] = first;
    while (read < written) {
        enum life_state here = queue[read++];
        for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
            const struct life_step *step = life_step_of((enum event_type)type);
            bool leads = step && step->life == life && step->names_subject && life_allows(step, here);
            if (leads && from[step->to] == STATE_NONE) {
                from[step->to] = here;
                by[step->to] = (enum event_type)type;
                queue[written++] = step->to;
            }
        }
    }
    int length = 0;
    for (enum life_state at = state; at != first; at = from[at]) {
        if (from[at] == STATE_NONE) {
            return -1;
        }
        way[length++] = by[at];
    }
    return length;
}

/* Brings something new into the state; returns its id. */
static struct id live(struct scene *scene, enum life life, enum life_state state, enum place place) {
    enum event_type way[PATH_STEPS_MAX];
    int length = way_to(life, state, way);
    assert_true(length >= 0);
    struct event *first = make(scene, life_first(life), NULL);
    struct id subject = first->id;
    struct faults faults;
    keep(scene, first);
    while (length-- > 0) {
        struct event *event = make(scene, way[length], &subject);
        assert_true(admits(scene, event, &faults));
        keep(scene, event);
    }
    put(scene, place);
    return subject;
}

static void judge(struct scene *scene, const struct life_step *step, enum event_type type, enum life_state state,
                  const struct id *subject) {
    struct faults faults;
    char id[ID_TEXT_SIZE];
    bool admitted = admits(scene, make(scene, type, subject), &faults);
    if (admitted != life_allows(step, state)) {
        fail_msg("%s in state %s: %s", event_row(type)->wire, state_wire(state), admitted ? "admitted" : "refused");
    }
    if (!admitted) {
        id_format(subject, id);
        assert_int_equal(faults.items[0].code, ERR_ALREADY);
        assert_string_equal(faults.items[0].value, id);
        assert_non_null(strstr(faults.items[0].limit, state_chinese(state)));
    }
}

static void every_step_in_every_state(void **data) {
    struct scene *scene = *data;
    int judged = 0;
    for (int state = STATE_NONE + 1; state < STATE_COUNT; state++) {
        for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
            const struct life_step *step = life_step_of((enum event_type)type);
            enum life_state at = (enum life_state)state;
            if (!step || !step->names_subject || state_find(step->life, text_of(state_wire(at))) != state) {
                continue;
            }
            for (enum place place = WAITING; place < PLACES; place++) {
                struct id subject = live(scene, step->life, at, place);
                judge(scene, step, (enum event_type)type, at, &subject);
                judged++;
            }
            if (scene->pending.events > 0) {
                store(scene);
            }
            arena_reset(scene->arena);
        }
    }
    assert_true(judged > 100);
}

static void a_problem_solved_on_the_spot_begins_resolved(void **data) {
    struct scene *scene = *data;
    struct faults faults;
    for (enum place place = WAITING; place < PLACES; place++) {
        struct event *raised = make(scene, EVENT_PROBLEM_RAISED, NULL);
        raised->body->problem.solved = true;
        wire_set(&raised->body->problem.present, FIELD_problem_solved);
        keep(scene, raised);
        put(scene, place);
        assert_false(admits(scene, make(scene, EVENT_PROBLEM_ASSIGNED, &raised->id), &faults));
        assert_true(admits(scene, make(scene, EVENT_PROBLEM_CONFIRMED, &raised->id), &faults));
        if (scene->pending.events > 0) {
            store(scene);
        }
    }
}

static void what_is_not_there_has_no_life(void **data) {
    struct scene *scene = *data;
    struct faults faults;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct life_step *step = life_step_of((enum event_type)type);
        if (!step || !step->names_subject) {
            continue;
        }
        enum life other = step->life == LIFE_report ? LIFE_plan : LIFE_report;
        struct id strange = {{7}};
        struct id wrong = live(scene, other, life_step_of(life_first(other))->to, WAITING);
        const struct id subjects[] = {strange, wrong};
        for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
            assert_false(admits(scene, make(scene, (enum event_type)type, &subjects[i]), &faults));
            assert_int_equal(faults.items[0].code, ERR_UNKNOWN_REFERENCE);
            assert_non_null(strstr(faults.items[0].field, life_subject_field(step)->name));
        }
    }
}

/* What was decided on the strength of events that were given up is not remembered. */
static void what_was_given_up_never_was(void **data) {
    struct scene *scene = *data;
    struct faults faults;
    struct id report = live(scene, LIFE_report, STATE_report_SUBMITTED, STORED);
    struct event *withdrawal = make(scene, EVENT_REPORT_WITHDRAWN, &report);
    keep(scene, withdrawal);
    assert_false(admits(scene, make(scene, EVENT_REPORT_WITHDRAWN, &report), &faults));
    struct batch *batch = pending_take(&scene->pending);
    pending_recycle(&scene->pending, &batch);
    pending_restart(&scene->pending, journal_head(scene->journal).seq + 1);
    id_table_clear(&scene->waiting);
    history_forget(&scene->history);
    assert_true(admits(scene, make(scene, EVENT_REPORT_WITHDRAWN, &report), &faults));
}

/* A client chooses ids: one that is the hash of a scheme's name is still not the scheme. */
static void an_id_is_no_name(void **data) {
    struct scene *scene = *data;
    struct admit_lookups lookups = history_lookups(&scene->history);
    struct event found;
    for (enum place place = WAITING; place <= STORED; place++) {
        struct event *report = make(scene, EVENT_REPORT_SUBMITTED, NULL);
        report->id = name_of_version("scheme.set", text_of("month"), 1 + (int64_t)place);
        keep(scene, report);
        keep(scene, make(scene, EVENT_REPORT_WITHDRAWN, &report->id));
        put(scene, place);
        assert_int_equal(lookups.last(lookups.data, &report->id, UINT64_MAX, &found), 1);
        assert_int_equal(lookups.last_named(lookups.data, &report->id, &found), 0);
        struct event *scheme = make(scene, EVENT_SCHEME_SET, NULL);
        scheme->body->scheme.scheme = text_of("month");
        scheme->body->scheme.version = 1 + (int64_t)place;
        keep(scene, scheme);
        put(scene, place);
        assert_int_equal(lookups.last_named(lookups.data, &report->id, &found), 1);
        assert_int_equal(found.type, EVENT_SCHEME_SET);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_step_in_every_state),
        TEST(a_problem_solved_on_the_spot_begins_resolved),
        TEST(what_is_not_there_has_no_life),
        TEST(what_was_given_up_never_was),
        TEST(an_id_is_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
