/* The course of a message: each step by itself, and random lives against a model that knows what really went out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/notifier/backoff.h"
#include "services/notifier/course.h"

#define NOW INT64_C(1700000000000)
#define HOUR INT64_C(3600000)

static const struct course_rules rules = {
    .retry_ms = 1000, .retry_max_ms = 60000, .unknown_ms = 5000, .expire_ms = 24 * HOUR, .reports = true};

static struct course_moment moment_at(int64_t now) {
    return (struct course_moment){.rules = &rules, .now = now, .issued_at = NOW, .salt = 42};
}

/* ---- backoff ---- */

static void test_backoff_bounds(void **state) {
    (void)state;
    for (uint64_t salt = 0; salt < 1000; salt++) {
        int64_t plain = 1000;
        for (int32_t attempt = 1; attempt < 40; attempt++) {
            int64_t pause = backoff_pause(1000, 60000, attempt, salt * 7919);
            assert_true(pause >= plain * 9 / 10 && pause <= plain * 11 / 10);
            plain = plain * 2 < 60000 ? plain * 2 : 60000;
        }
    }
    assert_true(backoff_pause(10, 5, 1, 0) >= 1);
    assert_true(backoff_pause(INT64_MAX / 2000, INT64_MAX / 2000, COURSE_ATTEMPTS_MAX, 1) > 0);
}

static void test_backoff_spreads(void **state) {
    (void)state;
    int differ = 0;
    for (uint64_t salt = 1; salt < 100; salt++) {
        differ += backoff_pause(100000, 100000, 1, salt) != backoff_pause(100000, 100000, 1, 0);
    }
    assert_true(differ > 90);
}

/* ---- single steps ---- */

static struct course sending(int32_t attempts) {
    return (struct course){.state = DELIVERY_SENDING, .attempts = attempts, .since = NOW};
}

static void test_results(void **state) {
    (void)state;
    static const enum delivery expected[] = {
        [OUTCOME_ACCEPTED] = DELIVERY_ACCEPTED, [OUTCOME_DELIVERED] = DELIVERY_DELIVERED,
        [OUTCOME_RETRY] = DELIVERY_RETRY,       [OUTCOME_REFUSED] = DELIVERY_UNDELIVERED,
        [OUTCOME_IMPOSSIBLE] = DELIVERY_DEAD,   [OUTCOME_MISCONFIGURED] = DELIVERY_RETRY,
        [OUTCOME_UNKNOWN] = DELIVERY_UNKNOWN};
    struct course_moment moment = moment_at(NOW + 100);
    for (int outcome = OUTCOME_ACCEPTED; outcome <= OUTCOME_UNKNOWN; outcome++) {
        struct course course = sending(2);
        assert_false(course_result(&course, 1, (enum outcome)outcome, &moment)); /* of another attempt */
        assert_true(course_result(&course, 2, (enum outcome)outcome, &moment));
        assert_int_equal(course.state, expected[outcome]);
        assert_int_equal(course.since, NOW + 100);
        assert_false(course_result(&course, 2, (enum outcome)outcome, &moment)); /* once */
    }
}

static void test_reports_by_rank(void **state) {
    (void)state;
    /* Every order of every set of codes: the highest rank holds. */
    static const int codes[] = {4, 8, 2, 16, 1};
    static const enum delivery states[] = {DELIVERY_ACCEPTED, DELIVERY_ACCEPTED, DELIVERY_UNDELIVERED,
                                           DELIVERY_UNDELIVERED, DELIVERY_DELIVERED};
    struct course_moment moment = moment_at(NOW + 100);
    for (int first = 0; first < 5; first++) {
        for (int second = 0; second < 5; second++) {
            struct course course = sending(1);
            course_report(&course, 1, codes[first], &moment);
            course_report(&course, 1, codes[second], &moment);
            course_report(&course, 1, codes[first], &moment);
            assert_int_equal(course.state, states[first > second ? first : second]);
        }
    }
}

static void test_reports_of_earlier_attempts(void **state) {
    (void)state;
    struct course_moment moment = moment_at(NOW + 100);
    struct course course = sending(2);
    assert_false(course_report(&course, 1, REPORT_UNDELIVERED, &moment)); /* the second one may still arrive */
    assert_true(course_report(&course, 1, REPORT_DELIVERED, &moment));
    assert_int_equal(course.state, DELIVERY_DELIVERED);
    course = (struct course){.state = DELIVERY_EXPIRED, .attempts = 1, .since = NOW};
    assert_false(course_report(&course, 1, REPORT_UNDELIVERED, &moment));
    assert_true(course_report(&course, 1, REPORT_DELIVERED, &moment));
    course = (struct course){.state = DELIVERY_PENDING, .since = NOW}; /* of a file that was put back */
    assert_true(course_report(&course, 3, REPORT_TAKEN, &moment));
    assert_int_equal(course.attempts, 3);
    assert_false(course_report(&course, 3, 32, &moment)); /* no code that means anything here */
}

static void test_since_rises_when_the_clock_does_not(void **state) {
    (void)state;
    struct course course = sending(1);
    struct course_moment moment = moment_at(NOW - HOUR);
    assert_true(course_result(&course, 1, OUTCOME_ACCEPTED, &moment));
    assert_int_equal(course.since, NOW + 1);
}

static void test_expiry(void **state) {
    (void)state;
    struct course course = {.state = DELIVERY_RETRY, .attempts = 3, .since = NOW, .next_at = NOW + 24 * HOUR};
    struct course_moment moment = moment_at(NOW + 24 * HOUR);
    assert_true(course_proceed(&course, &moment));
    assert_int_equal(course.state, DELIVERY_EXPIRED);
    /* The last pause ends when the notice is too old, not behind it. */
    course = sending(30);
    moment = moment_at(NOW + 24 * HOUR - 500);
    assert_true(course_result(&course, 30, OUTCOME_RETRY, &moment));
    assert_int_equal(course.next_at, NOW + 24 * HOUR);
    course = (struct course){.state = DELIVERY_PENDING, .since = NOW};
    moment = moment_at(NOW + 24 * HOUR);
    assert_true(course_resume(&course, false, true, &moment));
    assert_int_equal(course.state, DELIVERY_HELD);
    assert_false(course_resume(&course, false, true, &moment)); /* and stays so */
    moment = moment_at(NOW + HOUR);
    assert_false(course_resume(&course, false, false, &moment));
    assert_true(course_resume(&course, false, true, &moment));
    assert_int_equal(course.state, DELIVERY_PENDING);
}

static void test_start(void **state) {
    (void)state;
    struct course_moment moment = moment_at(NOW + 100);
    struct course course = sending(1);
    assert_false(course_resume(&course, true, true, &moment)); /* not handed over: it will be when it is told */
    assert_true(course_resume(&course, false, true, &moment));
    assert_int_equal(course.state, DELIVERY_UNKNOWN);
    assert_int_equal(course.next_at, NOW + 100 + rules.unknown_ms);
    assert_false(course_resume(&course, false, true, &moment));
    moment = moment_at(course.next_at - 1);
    assert_false(course_proceed(&course, &moment));
    moment = moment_at(course.next_at);
    assert_true(course_proceed(&course, &moment));
    assert_int_equal(course.attempts, 2);
    assert_int_equal(course.repeats, 1);
}

static void test_removal(void **state) {
    (void)state;
    static const enum delivery states[] = {DELIVERY_PENDING, DELIVERY_RETRY, DELIVERY_HELD};
    struct course_moment moment = moment_at(NOW + 100);
    int64_t due;
    for (int i = 0; i < 3; i++) {
        struct course course = {.state = states[i], .since = NOW, .next_at = NOW + HOUR, .removed = true};
        assert_true(course_waits(&course, &due));
        assert_int_equal(due, 0);
        assert_true(course_proceed(&course, &moment));
        assert_int_equal(course.state, DELIVERY_CANCELLED);
    }
    struct course course = sending(1);
    course.removed = true;
    assert_true(course_result(&course, 1, OUTCOME_RETRY, &moment));
    assert_int_equal(course.state, DELIVERY_CANCELLED);
    course = sending(1);
    course.removed = true;
    assert_true(course_result(&course, 1, OUTCOME_UNKNOWN, &moment));
    moment = moment_at(course.next_at);
    assert_true(course_proceed(&course, &moment));
    assert_int_equal(course.state, DELIVERY_CANCELLED);
}

static void test_without_a_gateway(void **state) {
    (void)state;
    struct course course = {.state = DELIVERY_PENDING, .since = NOW};
    struct course_moment moment = moment_at(NOW + 100);
    assert_true(course_hold(&course, &moment));
    assert_int_equal(course.state, DELIVERY_HELD);
    /* What may have gone out must not begin anew as if it had not. */
    course = (struct course){.state = DELIVERY_UNKNOWN, .attempts = 1, .since = NOW, .next_at = NOW + 50};
    assert_true(course_hold(&course, &moment));
    assert_int_equal(course.state, DELIVERY_UNKNOWN);
    assert_int_equal(course.next_at, NOW + 100 + rules.unknown_ms);
}

/* ---- lives ---- */

#define LIVES 4000
#define STEPS 120
#define REPORTS_MAX 32

/* What really happens, beside what the notifier thinks. */
struct life {
    uint64_t dice;
    int64_t now;
    struct course course;  /* as notifier.db has it */
    bool queued;           /* `sending` waits to be told */
    struct course journal; /* the last word that the journal has */
    bool journal_knows;
    struct course tellings[STEPS]; /* what waits to be told, in order */
    int telling_count;
    bool at_provider;     /* handed over, its answer not heard */
    enum outcome outcome; /* that answer */
    int copies;           /* how often it went out */
    int sendings;         /* how often it was handed over */
    struct {
        int32_t attempt;
        int code;
    } reports[REPORTS_MAX]; /* on their way */
    int report_count;
    bool arrived; /* the notifier knows that it was delivered, and so does the journal or the file */
};

static uint32_t roll(struct life *life, uint32_t below) {
    life->dice = life->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((life->dice >> 33) % below);
}

static struct course_moment moment_of(const struct life *life) {
    return moment_at(life->now);
}

static void check(const struct life *life, const struct course *before) {
    const struct course *course = &life->course;
    assert_true(life->copies <= 1 + course->repeats);
    assert_true(course->repeats < course->attempts || course->attempts == 0);
    assert_true(course->since >= before->since);
    if (life->arrived) {
        assert_int_equal(course->state, DELIVERY_DELIVERED);
    }
}

/* A change is committed together with what tells it. */
static void commit(struct life *life, bool changed, const struct course *before) {
    if (!changed) {
        return;
    }
    assert_true(life->course.since > before->since);
    assert_true(life->telling_count < STEPS);
    life->tellings[life->telling_count++] = life->course;
    life->queued = life->queued || life->course.state == DELIVERY_SENDING;
    life->arrived = life->arrived || life->course.state == DELIVERY_DELIVERED;
}

static void add_report(struct life *life, int32_t attempt, int code) {
    if (life->report_count < REPORTS_MAX) {
        life->reports[life->report_count].attempt = attempt;
        life->reports[life->report_count++].code = code;
    }
}

/* The provider: what it does, and what it says of it. */
static void hand_over(struct life *life) {
    static const enum outcome taken[] = {OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, OUTCOME_DELIVERED, OUTCOME_UNKNOWN};
    static const enum outcome refused[] = {OUTCOME_RETRY,   OUTCOME_RETRY,      OUTCOME_MISCONFIGURED,
                                           OUTCOME_REFUSED, OUTCOME_IMPOSSIBLE, OUTCOME_UNKNOWN};
    bool goes_out = roll(life, 2) == 0;
    life->at_provider = true;
    life->sendings++;
    life->outcome = goes_out ? taken[roll(life, 4)] : refused[roll(life, 6)];
    if (goes_out) {
        life->copies++;
        add_report(life, life->course.attempts, roll(life, 2) ? REPORT_TAKEN : REPORT_QUEUED);
        add_report(life, life->course.attempts, roll(life, 4) ? REPORT_DELIVERED : REPORT_UNDELIVERED);
    }
}

/* The journal takes the first telling; its receipt may be lost with the process. */
static void tell(struct life *life, bool receipt) {
    if (life->telling_count == 0) {
        return;
    }
    struct course told = life->tellings[0];
    life->journal = told;
    life->journal_knows = true;
    if (!receipt) {
        return;
    }
    memmove(life->tellings, life->tellings + 1, sizeof *life->tellings * (size_t)--life->telling_count);
    if (told.state != DELIVERY_SENDING) {
        return;
    }
    life->queued = false;
    if (life->course.state != DELIVERY_SENDING || life->course.attempts != told.attempts) {
        return; /* a report was faster */
    }
    if (life->course.removed) {
        struct course before = life->course;
        struct course_moment moment = moment_of(life);
        commit(life, course_take_back(&life->course, &moment), &before);
    } else {
        hand_over(life);
    }
}

static void start_again(struct life *life, bool told_before) {
    struct course before = life->course;
    struct course_moment moment = moment_of(life);
    life->at_provider = false;
    bool changed = told_before && life->queued ? course_lose(&life->course, &moment)
                                               : course_resume(&life->course, life->queued, true, &moment);
    life->queued = life->queued && life->course.state == DELIVERY_SENDING;
    commit(life, changed, &before);
}

/* kill -9; then, when the journal had a telling whose receipt was lost, that comes back as a duplicate. */
static void crash(struct life *life) {
    bool lost_receipt = roll(life, 3) == 0 && life->telling_count > 0;
    bool told_before = lost_receipt && life->tellings[0].state == DELIVERY_SENDING;
    if (lost_receipt) {
        tell(life, false);
        memmove(life->tellings, life->tellings + 1, sizeof *life->tellings * (size_t)--life->telling_count);
    }
    start_again(life, told_before);
}

/* notifier.db is gone: all that is left is what the journal was told. */
static void lose_file(struct life *life) {
    bool removed = life->course.removed;
    life->course = life->journal_knows ? life->journal : (struct course){.since = NOW};
    life->course.removed = removed;
    life->telling_count = 0;
    life->queued = false;
    life->arrived = life->course.state == DELIVERY_DELIVERED;
    start_again(life, false);
}

static void step(struct life *life) {
    struct course before = life->course;
    life->now += roll(life, 4) == 0 ? roll(life, 20000) : roll(life, 50);
    struct course_moment moment = moment_of(life);
    uint32_t dice = roll(life, 100);
    if (dice < 30) {
        commit(life, course_proceed(&life->course, &moment), &before);
    } else if (dice < 60) {
        tell(life, true);
    } else if (dice < 78) {
        if (life->at_provider) {
            life->at_provider = false;
            commit(life, course_result(&life->course, life->course.attempts, life->outcome, &moment), &before);
        }
    } else if (dice < 92) {
        if (life->report_count > 0) {
            uint32_t which = roll(life, (uint32_t)life->report_count); /* in any order, and again and again */
            commit(life, course_report(&life->course, life->reports[which].attempt, life->reports[which].code, &moment),
                   &before);
        }
    } else if (dice < 97) {
        crash(life);
    } else if (dice < 99) {
        lose_file(life);
        before = life->course; /* the journal may know less: time begins there */
    } else {
        life->course.removed = life->course.removed || roll(life, 10) == 0;
    }
    check(life, &before);
}

/* Left alone, every message comes to an end. */
static void let_end(struct life *life) {
    for (int i = 0; i < 200; i++) {
        struct course before = life->course;
        struct course_moment moment = moment_of(life);
        if (course_is_over(&life->course, &moment) && life->telling_count == 0) {
            return;
        }
        if (life->telling_count > 0) {
            tell(life, true);
        } else if (life->at_provider) {
            life->at_provider = false;
            commit(life, course_result(&life->course, life->course.attempts, OUTCOME_RETRY, &moment), &before);
        } else {
            life->now += HOUR;
            moment = moment_of(life);
            commit(life, course_proceed(&life->course, &moment), &before);
        }
    }
    fail_msg("a message never ends: %d", life->course.state);
}

static void test_lives(void **state) {
    (void)state;
    int sent_twice = 0;
    int delivered = 0;
    for (uint64_t seed = 0; seed < LIVES; seed++) {
        struct life life = {.dice = seed * 977 + 13, .now = NOW, .course = {.since = NOW}};
        for (int i = 0; i < STEPS; i++) {
            step(&life);
        }
        sent_twice += life.copies > 1;
        delivered += life.course.state == DELIVERY_DELIVERED;
        let_end(&life);
    }
    /* The model is no empty one. */
    assert_true(sent_twice > LIVES / 100);
    assert_true(delivered > LIVES / 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff_bounds),
        cmocka_unit_test(test_backoff_spreads),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_reports_by_rank),
        cmocka_unit_test(test_reports_of_earlier_attempts),
        cmocka_unit_test(test_since_rises_when_the_clock_does_not),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_without_a_gateway),
        cmocka_unit_test(test_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
