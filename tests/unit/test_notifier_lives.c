/* Random lives of a message against a model that knows what really went out: results in any order, reports late, repeated
 * or about earlier attempts, crashes at any point, a file that is lost. Never is a second copy sent that is not counted;
 * what was delivered stays so; every message comes to an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/notifier/course.h"

#define NOW INT64_C(1700000000000)
#define HOUR INT64_C(3600000)
#define LIVES 4000
#define STEPS 120
#define REPORTS_MAX 32

static const struct course_rules rules = {
    .retry_ms = 1000, .retry_max_ms = 60000, .unknown_ms = 5000, .expire_ms = 24 * HOUR, .reports = true};

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
    return (struct course_moment){.rules = &rules, .now = life->now, .issued_at = NOW, .salt = life->dice};
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
    if (dice < 5) {
        commit(life, course_delay(&life->course, life->now + roll(life, 4000), &moment), &before);
    } else if (dice < 30) {
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
        cmocka_unit_test(test_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
