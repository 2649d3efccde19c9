/* The post of a simulated year: what rules raised goes out by a dispatcher as plain as the notifier's own allows (no gateway,
 * nothing fails), under quiet hours, silences, groups and digests; and a second reckoning of which message goes when, to whom,
 * with which alerts, from what was raised and cleared alone. */
#include "tests/unit/notifier_year.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <inttypes.h>

#include "services/notifier/change.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/restraint/restraint.h"
#include "services/notifier/rules/firing.h"

#define QUIET_FROM 1260 /* 21:00 */
#define QUIET_UNTIL 420 /* 07:00 */
#define SILENCE_EVERY (20 * DAY)
#define SILENCE_FOR (40 * HOUR)
#define LINE_SIZE 4000
#define ROWS_AT_A_TIME 64

static const struct course_rules course_rules = {.expire_ms = EXPIRE, .unknown_ms = HOUR, .retry_ms = 1000};
static const struct restraint_rules restraint_rules = {
    .quiet = {.from = QUIET_FROM, .until = QUIET_UNTIL, .utc_offset = 480}};

static void must(int result, const struct error *error) {
    if (result < 0) {
        fail_msg("%s", error->text);
    }
}

void world_set_silences(struct world *world) {
    for (int number = 0; world->begin + number * SILENCE_EVERY < world->end; number++) {
        struct error error = {0};
        int64_t from = world->begin + number * SILENCE_EVERY + 3 * DAY;
        must(office_try(world->office, 900 + number, "account:office", &error,
                        "\"type\": \"silence.set\", \"unit\": \"haining\", \"body\": {\"silence\": \"s%d\", \"rule\":"
                        " \"open\", \"from\": %" PRId64 ", \"until\": %" PRId64 "}, \"side\": {\"reason\": \"防汛\"}",
                        number, from, from + SILENCE_FOR),
             &error);
    }
}

/* ---- what was raised ---- */

void world_note_alert(struct world *world, const struct event *event) {
    const struct wire_alert *alert = &event->body->alert;
    struct posted *posted = &world->posted[world->posted_count++];
    int squad = 0;
    while (!text_equal(event->unit, text_of(squads[squad]))) {
        squad++;
    }
    *posted = (struct posted){
        .alert = event->id, .first = firing_first(alert, event->unit), .at = world->now, .cleared_at = NEVER};
    snprintf(posted->rule, sizeof posted->rule, "%.*s", (int)alert->rule.length, alert->rule.data);
    posted->step = alert->step > 0;
    bool above = alert->step == 2 || (alert->step == 1 && strcmp(posted->rule, "open") == 0);
    snprintf(posted->person, sizeof posted->person, "P-%d-%d", squad, (int)alert->step);
    if (above) {
        snprintf(posted->person, sizeof posted->person, "P-office");
    }
}

void world_note_clearing(struct world *world, const struct event *event) {
    for (int i = 0; i < world->posted_count; i++) {
        struct posted *posted = &world->posted[i];
        if (id_equal(&posted->first, &event->body->alert_clearing.alert) && posted->cleared_at == NEVER) {
            posted->cleared_at = world->now;
        }
    }
}

static int index_of(const struct world *world, const struct id *alert) {
    int i = 0;
    while (i < world->posted_count && !id_equal(&world->posted[i].alert, alert)) {
        i++;
    }
    return i;
}

/* ---- what went out ---- */

static int compare_numbers(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static char *write_line(int64_t at, const char *person, int *numbers, int count) {
    char line[LINE_SIZE];
    qsort(numbers, (size_t)count, sizeof *numbers, compare_numbers);
    int used = snprintf(line, sizeof line, "%lld %s:", (long long)at, person);
    for (int i = 0; i < count && used < LINE_SIZE; i++) {
        used += snprintf(line + used, sizeof line - (size_t)used, " %d", numbers[i]);
    }
    return strdup(line);
}

/* The journal knows that it is sending: it is handed over, with what it carries. */
static void hand_over(void *data, const struct event *event) {
    struct world *world = data;
    const struct wire_delivery *delivery = &event->body->delivery;
    struct store *store = &world->office->store;
    struct error error = {0};
    int64_t rows[MERGE_MAX];
    int numbers[MERGE_MAX + 1];
    char person[40];
    if (delivery->state != DELIVERY_SENDING) {
        return;
    }
    snprintf(person, sizeof person, "%.*s", (int)delivery->person.length, delivery->person.data);
    int count = groups_carried(&store->groups, &delivery->notice, person, rows, MERGE_MAX, &error);
    must(count, &error);
    numbers[0] = index_of(world, &delivery->notice);
    for (int i = 0; i < count; i++) {
        struct outbox_row row;
        assert_int_equal(outbox_get(&store->outbox, rows[i], &row, &error), 1);
        assert_int_equal(row.course.state, DELIVERY_SUPERSEDED);
        numbers[i + 1] = index_of(world, &row.notice);
    }
    world->sent[world->sent_count++] = write_line(world->now, person, numbers, count + 1);
}

/* ---- the dispatcher ---- */

static int silenced_until(struct world *world, const struct outbox_row *row, int64_t *until, struct error *error) {
    const struct posted *posted = &world->posted[index_of(world, &row->notice)];
    const struct silenced of = {text_of(posted->rule), text_of("haining/xucun"), false, world->now};
    char name[65];
    return silences_find(&world->office->store.silences, &of, until, name, error);
}

static int judge(void *data, const struct outbox_row *row, struct error *error) {
    int64_t until = 0;
    int found = silenced_until(data, row, &until, error);
    return found < 0 ? found : found == 1 ? MERGE_STAYS : MERGE_JOINS;
}

static struct restraint_decision decide(struct world *world, const struct outbox_row *row) {
    struct error error = {0};
    struct restraint_case of = {.now = world->now};
    must(silenced_until(world, row, &of.silenced_until, &error), &error);
    must(merge_wait(&world->office->store, row, &of.grouped_until, &of.digest, &error), &error);
    return restraint_decide(&restraint_rules, &of);
}

static void lease(struct world *world, int64_t number) {
    struct store *store = &world->office->store;
    struct error error = {0};
    struct outbox_row row;
    assert_int_equal(outbox_get(&store->outbox, number, &row, &error), 1);
    const struct course_moment moment = {.rules = &course_rules, .now = world->now, .issued_at = row.issued_at};
    struct course before = row.course;
    if (!course_proceed(&row.course, &moment)) {
        return; /* another took it along */
    }
    if (row.course.state == DELIVERY_SENDING) {
        struct restraint_decision decision = decide(world, &row);
        row.course = decision.verdict == RESTRAINT_GO ? row.course : before;
        bool goes = decision.verdict == RESTRAINT_GO;
        must(goes ? merge_gather(store, &row, world->now, judge, world, &error) : 0, &error);
        assert_true(goes || course_delay(&row.course, decision.until, &moment));
    }
    must(store_begin(store, &error), &error);
    must(change_write(store, &row, text_of(""), &error), &error);
}

bool world_post(struct world *world) {
    struct store *store = &world->office->store;
    struct error error = {0};
    int64_t numbers[ROWS_AT_A_TIME];
    int count = outbox_due(&store->outbox, CHANNEL_SMS, world->now, numbers, ROWS_AT_A_TIME, &error);
    must(count, &error);
    for (int i = 0; i < count; i++) {
        lease(world, numbers[i]);
    }
    bool committed = count == 0 || chance(world, 2) == 0;
    if (committed) {
        must(store_commit(store, &error), &error);
    }
    if (count > 0 && chance(world, 2) == 0 && world_may_crash(world, committed)) {
        return true;
    }
    must(store_commit(store, &error), &error);
    return office_echo_deliveries_to(world->office, hand_over, world) > 0 || count > 0;
}

int64_t world_next_post(struct world *world) {
    struct error error = {0};
    int64_t due = NEVER;
    if (office_count(world->office, "SELECT EXISTS (SELECT 1 FROM tellings WHERE row > 0)") > 0) {
        return world->now; /* a crash came before the journal heard of it */
    }
    int found = outbox_next_due(&world->office->store.outbox, CHANNEL_SMS, &due, &error);
    must(found, &error);
    return found == 1 ? due : NEVER;
}

/* ---- the second reckoning ---- */

static const struct custom {
    const char *rule;
    const char *group; /* NULL: none; together with which */
    int wait;
    int interval;
    int times[2]; /* of a digest, minutes */
} customs[] = {
    {"soon", NULL, 0, 0, {510, 1020}},   {"today", NULL, 0, 0, {1020, 0}},
    {"silent", NULL, 0, 0, {510, 1020}}, {"overdue", "rule overdue", 10, 60, {0, 0}},
    {"open", "kind", 240, 600, {0, 0}},
};

static const struct custom *custom_of(const struct posted *posted) {
    for (size_t i = 0; i < sizeof customs / sizeof *customs; i++) {
        bool digest = customs[i].times[0] > 0;
        if (strcmp(customs[i].rule, posted->rule) == 0 && !(digest && posted->step)) {
            return &customs[i];
        }
    }
    return NULL;
}

static bool is_digest(const struct custom *custom) {
    return custom && custom->times[0] > 0;
}

static int64_t digest_time(const struct custom *custom, int64_t at) {
    int32_t day = values_day_of(at);
    for (int ahead = 0; ahead < 2; ahead++) {
        for (int i = 0; i < 2; i++) {
            int64_t time = at_time(day + ahead, custom->times[i]);
            if (custom->times[i] > 0 && time > at) {
                return time;
            }
        }
    }
    return NEVER;
}

static bool is_silenced(const struct world *world, const struct posted *posted, int64_t at, int64_t *end) {
    int64_t into = (at - world->begin - 3 * DAY) % SILENCE_EVERY;
    bool silenced = strcmp(posted->rule, "open") == 0 && at >= world->begin + 3 * DAY && into < SILENCE_FOR;
    *end = at - into + SILENCE_FOR;
    return silenced;
}

static int64_t awake(int64_t at) {
    int64_t midnight = at_time(values_day_of(at), 0);
    if (at >= midnight + QUIET_FROM * MINUTE) {
        return midnight + DAY + QUIET_UNTIL * MINUTE;
    }
    return at < midnight + QUIET_UNTIL * MINUTE ? midnight + QUIET_UNTIL * MINUTE : at;
}

/* When it may go at the soonest, seen from `at`, where its group went last at `went`. */
static int64_t goes(const struct world *world, const struct posted *posted, int64_t went, int64_t at) {
    const struct custom *custom = custom_of(posted);
    int64_t end;
    int64_t own = posted->at;
    if (is_silenced(world, posted, at, &end)) {
        return awake(end);
    }
    if (custom) {
        bool open = went > 0 && posted->at < went + custom->interval * MINUTE;
        own = is_digest(custom) ? digest_time(custom, posted->at) : posted->at + custom->wait * MINUTE;
        own = open && !is_digest(custom) ? went + custom->interval * MINUTE : own;
    }
    return awake(own > at ? own : at);
}

struct reckoning {
    struct world *world;
    const char *person;
    bool gone[ALERTS_MAX];
    int64_t look[ALERTS_MAX];
    int64_t went[2]; /* overdue, open */
};

static int64_t *went_of(struct reckoning *reckoning, const struct posted *posted) {
    return &reckoning->went[strcmp(posted->rule, "open") == 0];
}

static bool together(const struct posted *a, const struct posted *b) {
    const struct custom *one = custom_of(a);
    const struct custom *other = custom_of(b);
    return one && other && (one == other || (is_digest(one) && is_digest(other)));
}

/* The next one of a person whose time comes, and, of the same time, that was raised first; -1 none. */
static int next_of(const struct reckoning *reckoning) {
    int next = -1;
    for (int i = 0; i < reckoning->world->posted_count; i++) {
        const struct posted *posted = &reckoning->world->posted[i];
        if (!reckoning->gone[i] && strcmp(posted->person, reckoning->person) == 0 &&
            (next < 0 || reckoning->look[i] < reckoning->look[next])) {
            next = i;
        }
    }
    return next;
}

static void reckon_message(struct reckoning *reckoning, int first, int64_t at) {
    struct world *world = reckoning->world;
    int numbers[ALERTS_MAX] = {0};
    int count = 0;
    for (int i = 0; i < world->posted_count; i++) {
        const struct posted *posted = &world->posted[i];
        int64_t end;
        bool joins =
            i == first || (together(posted, &world->posted[first]) && !is_silenced(world, posted, at, &end) &&
                           (!is_digest(custom_of(posted)) || digest_time(custom_of(posted), posted->at) <= at));
        if (joins && !reckoning->gone[i] && strcmp(posted->person, reckoning->person) == 0 && posted->at <= at &&
            posted->cleared_at > at) {
            reckoning->gone[i] = true;
            numbers[count++] = i;
        }
    }
    const struct custom *custom = custom_of(&world->posted[first]);
    if (custom && !is_digest(custom)) {
        *went_of(reckoning, &world->posted[first]) = at;
    }
    world->due[world->due_count++] = write_line(at, reckoning->person, numbers, count);
}

static void reckon_person(struct world *world, const char *person) {
    struct reckoning *reckoning = calloc(1, sizeof *reckoning);
    int next;
    assert_non_null(reckoning);
    reckoning->world = world;
    reckoning->person = person;
    for (int i = 0; i < world->posted_count; i++) {
        reckoning->look[i] = world->posted[i].at;
    }
    while ((next = next_of(reckoning)) >= 0 && reckoning->look[next] <= world->now) {
        const struct posted *posted = &world->posted[next];
        int64_t at = reckoning->look[next];
        int64_t then = goes(world, posted, *went_of(reckoning, posted), at);
        if (posted->cleared_at <= at) {
            reckoning->gone[next] = true;
        } else if (then > at) {
            reckoning->look[next] = then;
        } else {
            reckon_message(reckoning, next, at);
        }
    }
    free(reckoning);
}

void world_reckon_post(struct world *world) {
    for (int squad = 0; squad < SQUADS; squad++) {
        for (int post = 0; post < 2; post++) {
            char person[40];
            snprintf(person, sizeof person, "P-%d-%d", squad, post);
            reckon_person(world, person);
        }
    }
    reckon_person(world, "P-office");
}
