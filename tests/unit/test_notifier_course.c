/* The course of a message, step by step. Whole lives are in test_notifier_lives.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/notifier/backoff.h"
#include "services/notifier/channels/breaker.h"
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

/* ---- the breaker of a provider ---- */

static const struct breaker_rules few = {.faults = BREAKER_FAULTS, .first_ms = 1000, .most_ms = BREAKER_MOST_MS};

static enum breaker_turn send_over(struct breaker *breaker, enum outcome outcome, int64_t now) {
    breaker_begin(breaker, now);
    return breaker_note(breaker, outcome, &few, now);
}

static void test_breaker_opens(void **state) {
    (void)state;
    static const enum outcome faults[] = {OUTCOME_RETRY, OUTCOME_MISCONFIGURED, OUTCOME_UNKNOWN};
    struct breaker breaker = {0};
    for (int i = 0; i + 1 < BREAKER_FAULTS; i++) {
        assert_int_equal(send_over(&breaker, faults[i % 3], 1000), BREAKER_STAYS);
        assert_int_equal(send_over(&breaker, OUTCOME_RATE, 1000), BREAKER_STAYS); /* says nothing */
    }
    assert_int_equal(send_over(&breaker, OUTCOME_REFUSED, 1000), BREAKER_STAYS); /* that recipient is; it answered */
    for (int i = 0; i + 1 < BREAKER_FAULTS; i++) {
        assert_int_equal(send_over(&breaker, OUTCOME_RETRY, 1000), BREAKER_STAYS);
        assert_int_equal(breaker_pause(&breaker, 1000), 0);
    }
    assert_int_equal(send_over(&breaker, OUTCOME_UNKNOWN, 1000), BREAKER_OPENS);
    assert_true(breaker_pause(&breaker, 1000) > 0);
}

/* As many faults as messages are under way, so that those of one moment do not open it by themselves. */
static void test_breaker_rules(void **state) {
    (void)state;
    struct breaker breaker = {0};
    assert_int_equal(breaker_rules(1, 1000, 600000).faults, BREAKER_FAULTS);
    assert_int_equal(breaker_rules(1, 1000, 600000).most_ms, BREAKER_MOST_MS);
    assert_int_equal(breaker_rules(1, 1000, 2000).most_ms, 2000);
    struct breaker_rules many = breaker_rules(16, 1000, 600000);
    for (int i = 0; i < 15; i++) {
        assert_int_equal(breaker_note(&breaker, OUTCOME_RETRY, &many, 1000), BREAKER_STAYS);
    }
    assert_int_equal(breaker_note(&breaker, OUTCOME_RETRY, &many, 1000), BREAKER_OPENS);
}

/* One message at a time, twice as late each time, until one has an answer. */
static void test_breaker_probes(void **state) {
    (void)state;
    struct breaker breaker = {0};
    int64_t now = 1000;
    int64_t before = 0;
    for (int i = 0; i < BREAKER_FAULTS; i++) {
        send_over(&breaker, OUTCOME_RETRY, now);
    }
    for (int round = 1; round <= 40; round++) {
        int64_t pause = breaker_pause(&breaker, now);
        assert_true(pause > 0 && pause <= BREAKER_MOST_MS * 11 / 10);
        assert_true(pause > before || before > BREAKER_MOST_MS * 8 / 10);
        before = pause;
        /* What was on its way before it opened ends now: the pause is as it was. */
        assert_int_equal(breaker_note(&breaker, OUTCOME_RETRY, &few, now), BREAKER_STAYS);
        assert_int_equal(breaker_pause(&breaker, now), pause);
        now += pause;
        assert_int_equal(breaker_pause(&breaker, now), 0);
        breaker_begin(&breaker, now);
        assert_int_equal(breaker_pause(&breaker, now), INT64_MAX);
        if (round == 20) {
            assert_int_equal(breaker_note(&breaker, OUTCOME_RATE, &few, now), BREAKER_STAYS);
            assert_int_equal(breaker_pause(&breaker, now), 0); /* another probe */
            breaker_begin(&breaker, now);
        }
        assert_int_equal(breaker_note(&breaker, OUTCOME_UNKNOWN, &few, now), BREAKER_STAYS);
    }
    now += breaker_pause(&breaker, now);
    assert_int_equal(send_over(&breaker, OUTCOME_ACCEPTED, now), BREAKER_CLOSES);
    assert_int_equal(breaker_pause(&breaker, now), 0);
    assert_int_equal(send_over(&breaker, OUTCOME_RETRY, now), BREAKER_STAYS); /* it counts anew */
}

/* A provider that says when it takes the next one is not asked before, nor is a notice asked for that is too old then. */
static void test_pause_of_the_provider(void **state) {
    (void)state;
    struct course course = {.state = DELIVERY_SENDING, .attempts = 1, .since = NOW};
    struct course_moment moment = {.rules = &rules, .now = NOW, .issued_at = NOW, .pause_ms = 600000};
    assert_true(course_result(&course, 1, OUTCOME_RATE, &moment));
    assert_int_equal(course.state, DELIVERY_RETRY);
    assert_int_equal(course.next_at, NOW + (600000 < rules.expire_ms ? 600000 : rules.expire_ms));
}

/* ---- single steps ---- */

static struct course sending(int32_t attempts) {
    return (struct course){.state = DELIVERY_SENDING, .attempts = attempts, .since = NOW};
}

static void test_results(void **state) {
    (void)state;
    static const enum delivery expected[] = {
        [OUTCOME_ACCEPTED] = DELIVERY_ACCEPTED,   [OUTCOME_DELIVERED] = DELIVERY_DELIVERED,
        [OUTCOME_RETRY] = DELIVERY_RETRY,         [OUTCOME_RATE] = DELIVERY_RETRY,
        [OUTCOME_REFUSED] = DELIVERY_UNDELIVERED, [OUTCOME_IMPOSSIBLE] = DELIVERY_DEAD,
        [OUTCOME_MISCONFIGURED] = DELIVERY_RETRY, [OUTCOME_UNKNOWN] = DELIVERY_UNKNOWN};
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

/* Restraint: it waits until then, nothing of it is lost, and nobody has to look. */
static void test_delay(void **state) {
    (void)state;
    int64_t due;
    struct course course = {.state = DELIVERY_PENDING, .since = NOW};
    struct course_moment moment = moment_at(NOW + 100);
    assert_true(course_delay(&course, NOW + HOUR, &moment));
    assert_int_equal(course.state, DELIVERY_HELD);
    assert_true(course_waits(&course, &due));
    assert_int_equal(due, NOW + HOUR);
    assert_false(course_is_over(&course, &moment));
    assert_false(course_delay(&course, NOW + 2 * HOUR, &moment)); /* its time has not come */
    assert_false(course_resume(&course, false, true, &moment));   /* a start changes nothing */
    assert_false(course_stir(&course, NOW + 2 * HOUR));
    assert_true(course_stir(&course, NOW + 200));
    moment = moment_at(NOW + 200);
    assert_true(course_delay(&course, NOW + 48 * HOUR, &moment));
    assert_int_equal(course.next_at, NOW + rules.expire_ms); /* it is not held beyond its age */
    moment = moment_at(course.next_at);
    struct course old = course;
    assert_true(course_proceed(&course, &moment));
    assert_int_equal(course.state, DELIVERY_EXPIRED);
    assert_true(course_resume(&old, false, true, &moment)); /* it is too old at the start: for a person */
    assert_int_equal(old.state, DELIVERY_HELD);
    assert_false(course_waits(&old, &due));
    /* A later one takes its place, but for what may have gone out. */
    struct course replaced = {.state = DELIVERY_HELD, .since = NOW, .next_at = NOW + HOUR};
    assert_true(course_supersede(&replaced, &moment));
    assert_int_equal(replaced.state, DELIVERY_SUPERSEDED);
    assert_true(course_is_over(&replaced, &moment));
    assert_false(course_supersede(&replaced, &moment));
    assert_false(course_resend(&replaced, &moment));
    /* What may have gone out stays so. */
    course = (struct course){.state = DELIVERY_UNKNOWN, .attempts = 1, .since = NOW, .next_at = NOW + 50};
    moment = moment_at(NOW + 100);
    assert_true(course_delay(&course, NOW + HOUR, &moment));
    assert_int_equal(course.state, DELIVERY_UNKNOWN);
    assert_int_equal(course.next_at, NOW + HOUR);
    assert_false(course_supersede(&course, &moment));
}

/* Asked for: the wait is moved, and only that of what may have gone out. */
static void test_asked_for(void **state) {
    (void)state;
    struct course course = {.state = DELIVERY_UNKNOWN, .attempts = 1, .since = NOW, .next_at = NOW + 100};
    struct course_moment moment = moment_at(NOW + 200);
    assert_true(course_await(&course, NOW + HOUR));
    assert_false(course_proceed(&course, &moment)); /* not before */
    assert_true(course_await(&course, NOW + 200));
    assert_int_equal(course.since, NOW); /* nobody is told */
    assert_true(course_proceed(&course, &moment));
    assert_int_equal(course.state, DELIVERY_SENDING);
    assert_int_equal(course.repeats, 1); /* also when nobody knows it */
    assert_false(course_await(&course, NOW));
    assert_int_equal(course.next_at, 0);
}

/* A person has it sent again: only what does not go by itself, and its age counts anew. */
static void test_sent_again(void **state) {
    (void)state;
    static const enum delivery over[] = {DELIVERY_DEAD, DELIVERY_UNDELIVERED, DELIVERY_EXPIRED, DELIVERY_HELD};
    static const enum delivery left_alone[] = {DELIVERY_PENDING,   DELIVERY_SENDING, DELIVERY_ACCEPTED,
                                               DELIVERY_DELIVERED, DELIVERY_UNKNOWN, DELIVERY_RETRY,
                                               DELIVERY_CANCELLED};
    struct course_moment moment = {.rules = &rules, .now = NOW + 100 * HOUR, .issued_at = NOW + 100 * HOUR};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
        struct course course = {.state = over[i], .attempts = 2, .repeats = 0, .since = NOW};
        struct course removed = {.state = over[i], .since = NOW, .removed = true};
        assert_false(course_resend(&removed, &moment));
        assert_true(course_resend(&course, &moment));
        assert_int_equal(course.state, DELIVERY_PENDING);
        assert_int_equal(course.repeats, over[i] == DELIVERY_EXPIRED); /* it may have gone out when it was unknown */
        assert_true(course.since >= moment.now);
        assert_true(course_proceed(&course, &moment));
        assert_int_equal(course.state, DELIVERY_SENDING);
        assert_int_equal(course.attempts, 3);
    }
    for (size_t i = 0; i < sizeof left_alone / sizeof *left_alone; i++) {
        struct course course = {.state = left_alone[i], .attempts = 1, .since = NOW};
        assert_false(course_resend(&course, &moment));
    }
    struct course delayed = {.state = DELIVERY_HELD, .since = NOW, .next_at = NOW + HOUR};
    assert_false(course_resend(&delayed, &moment)); /* it goes by itself */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff_bounds),
        cmocka_unit_test(test_backoff_spreads),
        cmocka_unit_test(test_breaker_opens),
        cmocka_unit_test(test_breaker_rules),
        cmocka_unit_test(test_breaker_probes),
        cmocka_unit_test(test_pause_of_the_provider),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_reports_by_rank),
        cmocka_unit_test(test_reports_of_earlier_attempts),
        cmocka_unit_test(test_since_rises_when_the_clock_does_not),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_without_a_gateway),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_asked_for),
        cmocka_unit_test(test_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
