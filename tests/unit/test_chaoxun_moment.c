/* Moments in the brigade's time zone: what is shown, what is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/chaoxun/moment.h"

#define CHINA 480
#define NOW INT64_C(1795397400000) /* 2026-11-23 09:30 in China */

static void expect_shown(int64_t at, int64_t offset, const char *expected) {
    char text[MOMENT_TEXT_SIZE];
    moment_format(at, offset, text);
    assert_string_equal(text, expected);
}

static void shows_the_zone_s_clock(void **state) {
    (void)state;
    expect_shown(NOW, CHINA, "2026-11-23 09:30:00");
    expect_shown(NOW, 0, "2026-11-23 01:30:00");
    expect_shown(NOW - 2 * 3600000, -120, "2026-11-22 21:30:00");
    expect_shown(INT64_C(1795449599999), CHINA, "2026-11-23 23:59:59");
    expect_shown(-1, 0, "1969-12-31 23:59:59");
    expect_shown(0, CHINA, "-");
}

static void expect_read(const char *text, int64_t expected) {
    int64_t at = 0;
    if (!moment_parse(text_of(text), NOW, CHINA, &at) || at != expected) {
        fail_msg("%s: %lld", text, (long long)at);
    }
}

static void reads_days_clocks_and_spans(void **state) {
    (void)state;
    expect_read("2026-11-23 09:30", NOW);
    expect_read("2026-11-23T09:30:00", NOW);
    expect_read("2026-11-23 09:30:05", NOW + 5000);
    expect_read("2026-11-23", NOW + (14 * 60 + 30) * INT64_C(60000)); /* until the day is over */
    expect_read("+90m", NOW + 90 * INT64_C(60000));
    expect_read("+12h", NOW + 12 * INT64_C(3600000));
    expect_read("+3d", NOW + 3 * INT64_C(86400000));
}

static void refuses_what_is_no_moment(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "tomorrow",
                                        "2026-02-30",
                                        "2026-11-23 25:00",
                                        "+h",
                                        "2026-11-23 9:30",
                                        "2026-11-23 09:30 ",
                                        "2026-11-23 09:60",
                                        "+-3h",
                                        "+3 h",
                                        "+999999999h",
                                        "+9999999999999999999d",
                                        "+9223372036854775d",
                                        "2026-11-23 09:30:00.5",
                                        "+3h3m",
                                        "2026-11-23x09:30",
                                        "2026-11-23 09"};
    int64_t at;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (moment_parse(text_of(texts[i]), NOW, CHINA, &at)) {
            fail_msg("taken: %s", texts[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_the_zone_s_clock),
        cmocka_unit_test(reads_days_clocks_and_spans),
        cmocka_unit_test(refuses_what_is_no_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
