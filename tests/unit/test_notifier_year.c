/* A year of rules in seconds: the clock is simulated, the store is real, and what the aggregator would answer comes from a
 * world that the test makes: activities, reports that come in time, late or never, months without a plan reached, silent
 * squads, problems. A second, plain reckoning of the same world says which reminder is due at which minute; both must agree,
 * over months of different length and a leap year's February, after restarts at random moments, turns that were rolled back,
 * and files that were lost and folded anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/notifier_year.h"

/* ---- the rules ---- */

static void set_rule(struct world *world, int number, const char *rule, const char *more) {
    struct error error = {0};
    int result =
        office_try(world->office, number, "account:office", &error,
                   "\"type\": \"rule.set\", \"unit\": \"haining\", \"body\": {\"rule\": \"%s\", \"version\": 1,"
                   " \"name\": \"提醒\", \"channels\": [\"sms\"], \"recipients\": [{\"of\": \"own\", \"post\":"
                   " \"leader\"}], %s}, \"side\": {\"templates\": [{\"title\": \"提醒\", \"text\": \"{单位}\"}]}",
                   rule, more);
    if (result < 0) {
        fail_msg("%s: %s", rule, error.text);
    }
}

static void set_rules(struct world *world) {
    static const char *const rules[][2] = {
        {"soon",
         "\"kind\": \"deadline\", \"deadline\": \"report-due\", \"days\": -3, \"digest\": [\"08:30\", \"17:00\"]"},
        {"today",
         "\"kind\": \"deadline\", \"deadline\": \"report-due\", \"days\": 0, \"time\": 480, \"digest\": [\"17:00\"]"},
        {"overdue",
         "\"kind\": \"deadline\", \"deadline\": \"report-due\", \"days\": 1, \"repeat_after\": 1440, \"repeats\": 2,"
         " \"group_by\": [\"rule\"], \"group_wait\": 10, \"group_interval\": 60, \"steps\": [{\"after\": 60, \"of\": "
         "\"own\", \"post\": \"deputy\"}, {\"after\": 1500, \"of\": \"above\","
         " \"post\": \"office\"}]"},
        {"month", "\"kind\": \"deadline\", \"deadline\": \"month-incomplete\", \"days\": 1, \"time\": 600"},
        {"half", "\"kind\": \"figure\", \"figure\": \"minutes\", \"percent\": 50, \"day\": 20"},
        {"last", "\"kind\": \"figure\", \"figure\": \"activities\", \"below\": 3, \"day\": 31, \"time\": 1439"},
        {"silent", "\"kind\": \"silence\", \"days\": 14, \"time\": 570, \"digest\": [\"08:30\", \"17:00\"]"},
        {"open", "\"kind\": \"deadline\", \"deadline\": \"problem-open\", \"hours\": 24, \"group_by\": [\"kind\"], "
                 "\"group_wait\": 240,"
                 " \"group_interval\": 600, \"steps\": [{\"after\": 120, \"of\":"
                 " \"brigade\", \"post\": \"office\"}]"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        set_rule(world, 100 + (int)i, rules[i][0], rules[i][1]);
    }
}

static void set_people(struct world *world) {
    for (int squad = 0; squad < SQUADS; squad++) {
        char person[40];
        char phone[40];
        for (int post = 0; post < 2; post++) {
            snprintf(person, sizeof person, "P-%d-%d", squad, post);
            snprintf(phone, sizeof phone, "1380013%d%d00", squad, post);
            office_contact(world->office, 10 + squad * 2 + post, squads[squad], person,
                           post ? ", \"post\": \"deputy\"" : ", \"post\": \"leader\"", phone, NULL);
        }
    }
    office_contact(world->office, 20, "haining", "P-office", ", \"post\": \"office\"", "13800139999", NULL);
}

/* ---- the year ---- */

static void see_alert(void *data, const struct event *event) {
    struct world *world = data;
    if (event->type != EVENT_ALERT_RAISED) {
        world_note_clearing(world, event);
        return;
    }
    world_note_alert(world, event);
    const struct wire_alert *alert = &event->body->alert;
    char rule[80];
    char unit[120];
    char subject[120];
    char period[60];
    snprintf(rule, sizeof rule, "%.*s", (int)alert->rule.length, alert->rule.data);
    snprintf(unit, sizeof unit, "%.*s", (int)event->unit.length, event->unit.data);
    snprintf(subject, sizeof subject, "%.*s", (int)alert->subject.length, alert->subject.data);
    snprintf(period, sizeof period, "%.*s", (int)alert->period.length, alert->period.data);
    assert_true(world->raised_count < ALERTS_MAX);
    assert_true(world->now >= event->at && world->now - event->at < MINUTE); /* at its minute */
    world->raised[world->raised_count++] =
        world_line(rule, unit, subject, period, (int)alert->step, (int)alert->repeat, event->at);
}

bool world_may_crash(struct world *world, bool committed) {
    uint32_t drawn = chance(world, 200);
    if (drawn == 0 && chance(world, 4) == 0) {
        office_rebuild(world->office);
        world->rebuilds++;
    } else if (drawn < 4) {
        if (!committed) {
            store_rollback(&world->office->store);
            world->rollbacks++;
        }
        store_close(&world->office->store);
        office_open(world->office);
        world->restarts++;
    }
    return drawn < 4;
}

static void must(int result, const struct error *error) {
    if (result < 0) {
        fail_msg("%s", error->text);
    }
}

/* What the lookout does in its turns: true when something was done. */
static bool do_duty(struct world *world) {
    struct store *store = &world->office->store;
    const struct look_as_of as_of = {.text = text_of("0000000000000007.1.1.0000000000000000")};
    struct duty_question question;
    struct error error = {0};
    const struct duty duty = {.store = store, .now = world->now, .expire_ms = EXPIRE, .arena = world->duty_arena};
    must(duty_run(&duty, &error), &error);
    if (world_may_crash(world, false)) {
        return true;
    }
    must(store_commit(store, &error), &error);
    int asked = duty_question(&duty, &as_of, &question, &world->payload, &error);
    must(asked, &error);
    if (asked == 1) {
        must(duty_answer(&duty, &question, world_answer(world, &question), &error), &error);
        if (world_may_crash(world, false)) {
            return true;
        }
        must(store_commit(store, &error), &error);
    }
    (void)world_may_crash(world, true);
    return office_echo_to(world->office, see_alert, world) > 0 || asked == 1;
}

struct happening {
    int64_t at;
    const struct problem *problem;
    bool raised;
};

static struct happening next_happening(const struct world *world, int64_t after) {
    struct happening next = {.at = NEVER};
    for (int i = 0; i < world->problem_count; i++) {
        const struct problem *problem = &world->problems[i];
        if (problem->raised_at > after && problem->raised_at < next.at) {
            next = (struct happening){problem->raised_at, problem, true};
        }
        if (problem->resolved_at > after && problem->resolved_at < next.at) {
            next = (struct happening){problem->resolved_at, problem, false};
        }
    }
    return next;
}

static void happen(struct world *world, const struct happening *happening) {
    struct error error = {0};
    struct id id = office_id(happening->problem->number);
    char text[ID_TEXT_SIZE];
    char hex[2 * ID_BYTES + 1];
    int used = 0;
    id_format(&id, text);
    for (int i = 0; text[i]; i++) {
        if (text[i] != '-') {
            hex[used++] = text[i];
        }
    }
    hex[used] = '\0';
    const char *unit = squads[happening->problem->squad];
    int result =
        happening->raised
            ? office_try(world->office, happening->problem->number, "account:squad", &error,
                         "\"type\": \"problem.raised\", \"unit\": \"%s\", \"body\": {\"kind\": \"litter\"}", unit)
            : office_try(world->office, happening->problem->number + 10000, "account:squad", &error,
                         "\"type\": \"problem.resolved\", \"unit\": \"%s\", \"body\": {\"problem\": \"hex:%s\"}", unit,
                         hex);
    must(result, &error);
}

static int64_t next_duty(struct world *world) {
    struct error error = {0};
    int64_t at = NEVER;
    const struct duty duty = {
        .store = &world->office->store, .now = world->now, .expire_ms = EXPIRE, .arena = world->duty_arena};
    int found = duty_next(&duty, &at, &error);
    must(found, &error);
    return found == 1 ? at : NEVER;
}

static void live(struct world *world) {
    while (world->now < world->end) {
        struct happening happening = next_happening(world, world->now);
        int64_t duty = next_duty(world);
        int64_t post = world_next_post(world);
        if (duty <= world->now) {
            do_duty(world);
            continue;
        }
        if (post <= world->now) {
            world_post(world);
            continue;
        }
        int64_t next = duty < happening.at ? duty : happening.at;
        next = post < next ? post : next;
        if (next > world->end) {
            break;
        }
        world->now = next;
        world->office->now = next;
        if (happening.at == next) {
            happen(world, &happening);
        }
        do {
        } while (do_duty(world));
    }
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void compare_lists(char **expected, int expected_count, char **found, int found_count) {
    qsort(expected, (size_t)expected_count, sizeof *expected, compare);
    qsort(found, (size_t)found_count, sizeof *found, compare);
    for (int i = 0; i < expected_count || i < found_count; i++) {
        const char *wanted = i < expected_count ? expected[i] : "nothing";
        const char *there = i < found_count ? found[i] : "nothing";
        if (strcmp(wanted, there) != 0) {
            fail_msg("expected: %s\nfound:    %s (of %d and %d)", wanted, there, expected_count, found_count);
        }
    }
}

static int count_of(const struct world *world, const char *rule) {
    int count = 0;
    for (int i = 0; i < world->raised_count; i++) {
        count += strncmp(world->raised[i], rule, strlen(rule)) == 0 && world->raised[i][strlen(rule)] == ' ';
    }
    return count;
}

static void make_world(struct world *world, struct office *office, uint64_t seed) {
    world->office = office;
    office_close(office);
    office->hasty = true;
    office_open(office);
    world->chance = seed;
    world->duty_arena = arena_create(SIZE_MAX);
    world->answer_arena = arena_create(SIZE_MAX);
    world->first_day = values_day_of(OFFICE_AT);
    world->begin = OFFICE_AT + HOUR;
    world->end = world->begin + (int64_t)(YEAR_DAYS - 5) * DAY;
    world_make(world);
    office->now = world->begin;
    set_people(world);
    set_rules(world);
    world_set_silences(world);
    world_reckon(world);
    world->now = world->begin;
}

static void end_world(struct world *world) {
    for (int i = 0; i < world->expected_count; i++) {
        free(world->expected[i]);
    }
    for (int i = 0; i < world->raised_count; i++) {
        free(world->raised[i]);
    }
    for (int i = 0; i < world->due_count; i++) {
        free(world->due[i]);
    }
    for (int i = 0; i < world->sent_count; i++) {
        free(world->sent[i]);
    }
    buffer_free(&world->payload);
    arena_destroy(&world->duty_arena);
    arena_destroy(&world->answer_arena);
    free(world);
}

static void a_year(void **state) {
    struct office *office = *state;
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    make_world(world, office, 20240229);
    live(world);
    compare_lists(world->expected, world->expected_count, world->raised, world->raised_count);
    world_reckon_post(world);
    compare_lists(world->due, world->due_count, world->sent, world->sent_count);
    assert_true(world->raised_count > 500 && world->restarts > 100 && world->rebuilds > 3 && world->rollbacks > 50);
    assert_true(count_of(world, "half") > 5 && count_of(world, "last") > 3 && count_of(world, "silent") >= 2 &&
                count_of(world, "month") > 5 && count_of(world, "open") > 50);
    int64_t rows = office_count(office, "SELECT count(*) FROM outbox");
    assert_int_equal(rows, world->raised_count); /* each reaches one person, once */
    assert_int_equal(rows, office_count(office, "SELECT count(DISTINCT notice) FROM outbox"));
    office_rebuild(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), rows);
    assert_int_equal(office_waiting(office), 0);
    assert_true(world->sent_count < world->raised_count - 30);
    print_message("%d alerts in %d messages; %d restarts, %d turns rolled back, %d files lost\n", world->raised_count,
                  world->sent_count, world->restarts, world->rollbacks, world->rebuilds);
    end_world(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(a_year)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
