/* The notifier's time: it goes with the machine's, and never back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/notifier/steady.h"

#define HOUR_MS 3600000

static void it_goes_with_the_machine(void **state) {
    (void)state;
    struct steady steady;
    steady_start(&steady, 0, 1000, 7000);
    assert_int_equal(steady_at(&steady, 1000, 7000), 1000);
    assert_int_equal(steady_at(&steady, 1500, 507000), 1500);
    assert_int_equal(steady_at(&steady, 1500 + HOUR_MS, 507000), 1500 + HOUR_MS);
}

static void a_clock_set_back_goes_on_from_where_it_was(void **state) {
    (void)state;
    struct steady steady;
    steady_start(&steady, 0, HOUR_MS, 0);
    assert_int_equal(steady_at(&steady, 2000, 2000000), HOUR_MS + 2000);
    steady_keep(&steady, 2000, 2000000);
    assert_int_equal(steady_at(&steady, 5000, 5000000), HOUR_MS + 5000);
}

static void forward_and_back_is_not_back(void **state) {
    (void)state;
    struct steady steady;
    steady_start(&steady, 0, 0, 0);
    steady_keep(&steady, HOUR_MS, 1000000);
    assert_int_equal(steady_at(&steady, 2000, 2000000), HOUR_MS + 1000);
}

static void a_start_is_not_before_what_has_been(void **state) {
    (void)state;
    struct steady steady;
    steady_start(&steady, HOUR_MS, 0, 9000000);
    assert_int_equal(steady_at(&steady, 10, 9010000), HOUR_MS + 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_with_the_machine),
        cmocka_unit_test(a_clock_set_back_goes_on_from_where_it_was),
        cmocka_unit_test(forward_and_back_is_not_back),
        cmocka_unit_test(a_start_is_not_before_what_has_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
