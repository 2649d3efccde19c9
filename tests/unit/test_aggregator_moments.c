/* Moments and settings: what a question means by a time, and which value a setting had then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/aggregator/fold.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/settings/settings.h"

#define DAY 20579                            /* 2026-05-06 */
#define MIDNIGHT (INT64_C(20579) * 86400000) /* its begin in UTC, as received_at */
#define MINUTE 60000

static void fold(struct tally *tally, enum event_type type, const char *unit, int64_t received_at,
                 union event_body *body) {
    struct error error = {0};
    struct event event = {.type = type,
                          .id = id_new(0),
                          .unit = text_of(unit),
                          .body = body,
                          .seq = tally->position.seq + 1,
                          .received_at = received_at};
    assert_int_equal(fold_event(tally, &event, &error), 0);
    tally->position = (struct position){5, 1, event.seq, 1};
}

static void open_day(struct tally *tally, int32_t day, int64_t received_at) {
    union event_body body = {.clock_day = {.day = day}};
    fold(tally, EVENT_CLOCK_DAY, "haining", received_at, &body);
}

static void other(struct tally *tally, int64_t received_at) {
    fold(tally, EVENT_PERSON_ERASED, "haining", received_at, &(union event_body){0});
}

static void set(struct tally *tally, const char *unit, const char *name, const char *value) {
    union event_body body = {.setting = {.name = text_of(name), .value = text_of(value)}};
    fold(tally, EVENT_SETTING_SET, unit, 0, &body);
}

static uint64_t resolved(const struct tally *tally, const char *text) {
    uint64_t at = 0;
    struct error error = {0};
    assert_int_equal(moments_resolve(tally, text_of(text), &at, &error), 0);
    return at;
}

static uint64_t at_time(const struct tally *tally, int64_t time) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)time);
    return resolved(tally, text);
}

static void times_are_the_last_event_of_their_minute(void **state) {
    struct tally *tally = *state;
    other(tally, MIDNIGHT + 1 * MINUTE);         /* 1 */
    other(tally, MIDNIGHT + 1 * MINUTE + 59999); /* 2 */
    other(tally, MIDNIGHT + 3 * MINUTE);         /* 3 */
    other(tally, MIDNIGHT + 2 * MINUTE);         /* 4: a clock that goes back changes nothing that was told */
    assert_int_equal(at_time(tally, MIDNIGHT), 0);
    assert_int_equal(at_time(tally, MIDNIGHT + 1 * MINUTE), 2);
    assert_int_equal(at_time(tally, MIDNIGHT + 2 * MINUTE + 30000), 2);
    assert_int_equal(at_time(tally, MIDNIGHT + 3 * MINUTE), 4);
    assert_int_equal(at_time(tally, MIDNIGHT + 500 * MINUTE), 4);
}

static void a_day_is_what_came_before_the_next(void **state) {
    struct tally *tally = *state;
    assert_int_equal(moments_today(tally, AT_HEAD), DAY_UNKNOWN);
    other(tally, MIDNIGHT);             /* 1 */
    open_day(tally, DAY, MIDNIGHT);     /* 2 */
    other(tally, MIDNIGHT);             /* 3 */
    open_day(tally, DAY + 2, MIDNIGHT); /* 4: a day was slept through */
    open_day(tally, DAY + 1, MIDNIGHT); /* 5: another brigade opens one that is over */
    other(tally, MIDNIGHT);             /* 6 */
    assert_int_equal(resolved(tally, "2026-05-05"), 1);
    assert_int_equal(resolved(tally, "2026-05-06"), 3);
    assert_int_equal(resolved(tally, "2026-05-07"), 3);
    assert_true(resolved(tally, "2026-05-08") == AT_HEAD); /* it has not ended */
    assert_true(resolved(tally, "2027-01-01") == AT_HEAD);
    assert_true(resolved(tally, "") == AT_HEAD);
    assert_int_equal(moments_today(tally, 1), DAY_UNKNOWN);
    assert_int_equal(moments_today(tally, 3), DAY);
    assert_int_equal(moments_today(tally, AT_HEAD), DAY + 2);
}

static void positions_and_numbers_lie_in_the_journal(void **state) {
    struct tally *tally = *state;
    char position[POSITION_TEXT_SIZE];
    uint64_t at = 0;
    struct error error = {0};
    other(tally, MIDNIGHT);
    other(tally, MIDNIGHT);
    assert_int_equal(resolved(tally, "1"), 1);
    position_format(&(struct position){5, 1, 1, 9}, position);
    assert_int_equal(resolved(tally, position), 1);
    assert_int_equal(moments_resolve(tally, text_of("3"), &at, &error), -ERR_BEYOND);
    assert_non_null(strstr(error.text, "3"));
    position_format(&(struct position){5, 1, 3, 9}, position);
    assert_int_equal(moments_resolve(tally, text_of(position), &at, &error), -ERR_BEYOND);
    position_format(&(struct position){6, 1, 1, 9}, position);
    assert_int_equal(moments_resolve(tally, text_of(position), &at, &error), -ERR_OTHER_JOURNAL);
    static const char *const bad[] = {"yesterday", "2026-02-30", "2026-5-1", "-1", "1234567890123456"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(moments_resolve(tally, text_of(bad[i]), &at, &error), -ERR_BAD_QUERY);
        assert_non_null(strstr(error.text, "at"));
        assert_non_null(strstr(error.text, bad[i]));
    }
}

static void assert_value(const struct tally *tally, const char *unit, uint64_t at, const char *expected) {
    struct text value = settings_value(tally, units_find(&tally->units, text_of(unit)), "report-due-days", at);
    assert_true(text_equal(value, text_of(expected)));
}

static void settings_hold_from_then_on_and_below(void **state) {
    struct tally *tally = *state;
    set(tally, "haining", "month-due-day", "9");           /* 1 */
    set(tally, "haining", "report-due-days", "3");         /* 2 */
    set(tally, "haining/xucun", "report-due-days", "7");   /* 3 */
    set(tally, "haining", "report-due-days", "5");         /* 4 */
    set(tally, "haining/xiashi/t1", "month-due-day", "1"); /* 5 */
    assert_value(tally, "haining", 1, "");
    assert_value(tally, "haining", 2, "3");
    assert_value(tally, "haining", 3, "3");
    assert_value(tally, "haining", AT_HEAD, "5");
    assert_value(tally, "haining/xucun", 2, "3");
    assert_value(tally, "haining/xucun", AT_HEAD, "7");
    assert_value(tally, "haining/xiashi/t1", AT_HEAD, "5");
}

static int set_up(void **state) {
    *state = tally_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    struct tally *tally = *state;
    tally_destroy(&tally);
    return 0;
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(times_are_the_last_event_of_their_minute),
        CASE(a_day_is_what_came_before_the_next),
        CASE(positions_and_numbers_lie_in_the_journal),
        CASE(settings_hold_from_then_on_and_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
