/* Restraint: quiet hours, buckets, and random weeks of messages on a clock that is only told. Nothing but urgent messages goes
 * in quiet hours, and of these no more than the setting says; no bucket ever lets more through than it may; nothing is
 * lost; a notifier that is started again at any moment decides the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/notifier/restraint/restraint.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MIDNIGHT (INT64_C(1781049600000) - 8 * HOUR) /* 2026-06-10 in China Standard Time */

static struct quiet quiet_of(const char *text) {
    struct quiet quiet = {.utc_offset = 480};
    assert_true(quiet_parse(text, &quiet));
    return quiet;
}

static void quiet_hours_end(void **state) {
    (void)state;
    struct quiet night = quiet_of("22:00-07:00");
    struct quiet noon = quiet_of("12:00-14:30");
    struct quiet none = quiet_of("off");
    static const struct {
        int64_t at; /* minutes of the day */
        int64_t night;
        int64_t noon;
    } rows[] = {{0, 420, 0},     {419, 420, 419}, {420, 420, 420},    {719, 719, 719},    {720, 720, 870},
                {869, 869, 870}, {870, 870, 870}, {1319, 1319, 1319}, {1320, 1860, 1320}, {1439, 1860, 1439}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t at = MIDNIGHT + rows[i].at * MINUTE;
        assert_int_equal(quiet_end(&night, at), MIDNIGHT + rows[i].night * MINUTE);
        assert_int_equal(quiet_end(&noon, at), MIDNIGHT + rows[i].noon * MINUTE);
        assert_int_equal(quiet_end(&none, at), at);
    }
    assert_int_equal(quiet_end(&night, MIDNIGHT + 22 * HOUR - 1), MIDNIGHT + 22 * HOUR - 1);
    assert_int_equal(quiet_end(&night, MIDNIGHT + 7 * HOUR - 1), MIDNIGHT + 7 * HOUR);
    assert_int_equal(quiet_day_begin(&night, quiet_day(&night, MIDNIGHT + DAY - 1)), MIDNIGHT);
}

static void what_is_no_time_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"22:00",       "22:00-7:00",  "24:00-07:00",  "22:60-07:00", "22.00-07:00",
                                        "22:00-22:00", "22:00 07:00", "22:00-07:00 ", "-1:00-07:00", "on"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct quiet quiet = {0};
        assert_false(quiet_parse(wrong[i], &quiet));
    }
}

/* ---- weeks ---- */

#define PEOPLE 6
#define ROBOTS 2
#define MESSAGES 700
#define WEEKS 12

struct mail {
    int64_t due;
    int person;
    bool urgent;
    bool tried; /* once, and it is tried again */
    int64_t sent;
};

struct week {
    uint64_t dice;
    int64_t now;
    struct restraint_rules rules;
    struct pace robot_pace;
    struct pace provider_pace;
    struct bucket day[PEOPLE]; /* as the file keeps them */
    struct bucket urgent[PEOPLE];
    struct bucket robots[ROBOTS];
    struct bucket provider;
    struct mail mails[MESSAGES];
    int64_t silence_from;
    int64_t silence_until;
    int overrides;
    int holds[RESTRAINT_ROBOT + 1];
};

static uint32_t roll(struct week *week, uint32_t below) {
    week->dice = week->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((week->dice >> 33) % below);
}

static bool is_silent(const struct week *week, const struct mail *mail) {
    return !mail->urgent && mail->person == 0 && week->now >= week->silence_from && week->now < week->silence_until;
}

static struct restraint_case case_of(const struct week *week, const struct mail *mail) {
    return (struct restraint_case){.now = week->now,
                                   .urgent = mail->urgent,
                                   .counted = mail->tried,
                                   .silenced_until = is_silent(week, mail) ? week->silence_until : 0,
                                   .robot_pace = week->robot_pace,
                                   .provider_pace = week->provider_pace,
                                   .day = week->day[mail->person],
                                   .urgent_day = week->urgent[mail->person],
                                   .robot = week->robots[mail->person % ROBOTS],
                                   .provider = week->provider};
}

static void check_peace(struct week *week, const struct mail *mail, const struct restraint_decision *decision) {
    bool quiet = quiet_end(&week->rules.quiet, week->now) > week->now;
    assert_true(!quiet || (mail->urgent && decision->overrode));
    assert_false(is_silent(week, mail));
    week->overrides += decision->overrode;
}

/* One decision about a message that is due. Its buckets are all that is kept. True when its channel waits. */
static bool decide(struct week *week, struct mail *mail) {
    struct restraint_case of = case_of(week, mail);
    struct restraint_decision decision = restraint_decide(&week->rules, &of);
    struct restraint_case again = case_of(week, mail); /* a turn that was rolled back, or a start in between */
    struct restraint_decision same = restraint_decide(&week->rules, &again);
    assert_int_equal(decision.verdict, same.verdict);
    assert_int_equal(decision.until, same.until);
    assert_memory_equal(&of.day, &again.day, 4 * sizeof of.day);
    if (decision.verdict == RESTRAINT_WAIT) {
        assert_true(decision.until > week->now);
        return true;
    }
    week->day[mail->person] = of.day;
    week->urgent[mail->person] = of.urgent_day;
    week->robots[mail->person % ROBOTS] = of.robot;
    week->provider = of.provider;
    if (decision.verdict == RESTRAINT_HOLD) {
        assert_true(decision.until > week->now && decision.reason != RESTRAINT_NONE);
        week->holds[decision.reason]++;
        mail->due = decision.until;
        return false;
    }
    check_peace(week, mail, &decision);
    if (!mail->tried && roll(week, 5) == 0) {
        mail->tried = true;
        mail->due = week->now + MINUTE * (1 + roll(week, 30));
    } else {
        mail->sent = week->now;
    }
    return false;
}

/* No span of a pace's length holds more than its messages: of the times at which those that fit went. */
static void check_pace(const int64_t *times, int count, const struct pace *pace) {
    for (int i = pace->messages; i < count; i++) {
        assert_true(times[i] - times[i - pace->messages] >= pace->per_ms);
    }
}

struct sendings {
    int64_t robot[ROBOTS][2 * MESSAGES];
    int robots[ROBOTS];
    int64_t provider[2 * MESSAGES];
    int count;
    int of_day[PEOPLE][20];
    int urgent_of_day[PEOPLE][20];
};

static void note_sending(const struct week *week, struct sendings *sendings, const struct mail *mail, bool first,
                         bool overrode) {
    int day = (int)(quiet_day(&week->rules.quiet, week->now) - quiet_day(&week->rules.quiet, MIDNIGHT));
    int robot = mail->person % ROBOTS;
    sendings->robot[robot][sendings->robots[robot]++] = week->now;
    sendings->provider[sendings->count++] = week->now;
    assert_true(day >= 0 && day < 20);
    sendings->of_day[mail->person][day] += first && !overrode;
    sendings->urgent_of_day[mail->person][day] += overrode;
    assert_true(sendings->of_day[mail->person][day] <= week->rules.recipient_day);
    assert_true(sendings->urgent_of_day[mail->person][day] <= week->rules.urgent_day);
}

/* On to when the next message is due, or a second later where the channel waits. False when all went. */
static bool next_moment(struct week *week) {
    int64_t next = INT64_MAX;
    for (int i = 0; i < MESSAGES; i++) {
        next = week->mails[i].sent == 0 && week->mails[i].due < next ? week->mails[i].due : next;
    }
    week->now = next > week->now || next == INT64_MAX ? next : week->now + 1000;
    return next < INT64_MAX;
}

static void pass_moment(struct week *week, struct sendings *sendings) {
    bool waits = false;
    for (int i = 0; i < MESSAGES && !waits; i++) {
        struct mail *mail = &week->mails[i];
        if (mail->sent == 0 && mail->due <= week->now) {
            bool first = !mail->tried;
            int64_t due = mail->due;
            int overrides = week->overrides;
            waits = decide(week, mail);
            bool went = mail->sent == week->now || (first && mail->tried);
            assert_true(went || waits || mail->due > due);
            if (went) {
                note_sending(week, sendings, mail, first, week->overrides > overrides);
            }
        }
    }
}

static void random_weeks(void **state) {
    (void)state;
    int holds[RESTRAINT_ROBOT + 1] = {0};
    int overrides = 0;
    struct week *week = calloc(1, sizeof *week);
    struct sendings *sendings = calloc(1, sizeof *sendings);
    for (uint64_t seed = 0; seed < WEEKS; seed++) {
        *week = (struct week){.dice = seed * 977 + 13,
                              .now = MIDNIGHT,
                              .rules = {.quiet = quiet_of("22:00-07:00"), .recipient_day = 15, .urgent_day = 3},
                              .robot_pace = {seed % 2 ? 20 : 3, 60000},
                              .provider_pace = {(int32_t)(seed % 3) * 9, 60000}};
        *sendings = (struct sendings){0};
        week->silence_from = MIDNIGHT + DAY + roll(week, 1440) * MINUTE;
        week->silence_until = week->silence_from + 600 * MINUTE;
        for (int i = 0; i < MESSAGES; i++) {
            week->mails[i] = (struct mail){.due = MIDNIGHT + roll(week, 5) * DAY + roll(week, 1440) * MINUTE,
                                           .person = (int)roll(week, PEOPLE),
                                           .urgent = roll(week, 12) == 0};
        }
        while (next_moment(week)) {
            pass_moment(week, sendings);
        }
        for (int i = 0; i < MESSAGES; i++) {
            assert_true(week->mails[i].sent > 0); /* nothing is lost */
        }
        for (int robot = 0; robot < ROBOTS; robot++) {
            check_pace(sendings->robot[robot], sendings->robots[robot], &week->robot_pace);
        }
        if (week->provider_pace.messages > 0) {
            check_pace(sendings->provider, sendings->count, &week->provider_pace);
        }
        for (int i = 0; i <= RESTRAINT_ROBOT; i++) {
            holds[i] += week->holds[i];
        }
        overrides += week->overrides;
    }
    free(week);
    free(sendings);
    /* The weeks were no empty ones. */
    assert_true(holds[RESTRAINT_QUIET] > 1000 && holds[RESTRAINT_SILENCE] > 10 && holds[RESTRAINT_ROBOT] > 100);
    assert_true(holds[RESTRAINT_RECIPIENT] > 100 && overrides > 100);
}

/* Held ones come back one by one, as fast as the pace allows, each held once. */
static void promises_are_kept(void **state) {
    (void)state;
    struct pace pace = {20, 60000};
    struct bucket bucket = {0};
    int64_t promised[40];
    int waiting = 0;
    for (int i = 0; i < 45; i++) {
        if (bucket_free_at(&bucket, &pace, MIDNIGHT) == MIDNIGHT) {
            bucket_take(&bucket, &pace, MIDNIGHT);
        } else {
            promised[waiting++] = bucket_promise(&bucket, &pace, MIDNIGHT);
        }
    }
    assert_int_equal(waiting, 40);
    for (int i = 0; i < waiting; i++) {
        assert_true(i == 0 || promised[i] > promised[i - 1]);
        assert_int_equal(bucket_free_at(&bucket, &pace, promised[i]), promised[i]);
        bucket_take(&bucket, &pace, promised[i]);
    }
    assert_true(promised[waiting - 1] <= MIDNIGHT + 160000);
}

/* What a rule says waits for the other one first; what was replaced does not go at all, in no hour. */
static void alerts_give_way(void **state) {
    (void)state;
    const struct restraint_rules rules = {.quiet = quiet_of("22:00-07:00"), .recipient_day = 1, .urgent_day = 1};
    struct restraint_case of = {.now = MIDNIGHT, .urgent = true, .replaced = true, .held_by_until = MIDNIGHT + DAY};
    struct restraint_decision decision = restraint_decide(&rules, &of);
    assert_int_equal(decision.verdict, RESTRAINT_SUPERSEDED);
    of.replaced = false;
    decision = restraint_decide(&rules, &of);
    assert_int_equal(decision.verdict, RESTRAINT_HOLD);
    assert_int_equal(decision.reason, RESTRAINT_HELD_BY);
    assert_int_equal(decision.until, MIDNIGHT + DAY);
    assert_int_equal(of.urgent_day.more + of.day.more, 0); /* nothing was counted */
    of.now = MIDNIGHT + DAY;
    assert_int_equal(restraint_decide(&rules, &of).verdict, RESTRAINT_GO);
    assert_int_equal(of.urgent_day.more + of.day.more, 2);
}

/* What counted for its recipient already is tried again on a day that is full; it counts for nothing but a pace. */
static void what_is_tried_again_counts_once(void **state) {
    (void)state;
    const struct restraint_rules rules = {.quiet = quiet_of("off"), .recipient_day = 1};
    struct restraint_case of = {.now = MIDNIGHT};
    assert_int_equal(restraint_decide(&rules, &of).verdict, RESTRAINT_GO);
    assert_int_equal(restraint_decide(&rules, &of).reason, RESTRAINT_RECIPIENT);
    of.counted = true;
    assert_int_equal(restraint_decide(&rules, &of).verdict, RESTRAINT_GO);
    assert_int_equal(of.day.more, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet_hours_end),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(promises_are_kept),
        cmocka_unit_test(alerts_give_way),
        cmocka_unit_test(what_is_tried_again_counts_once),
        cmocka_unit_test(random_weeks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
