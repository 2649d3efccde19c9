/* Sums: what they count, the mark before them, and the end of their range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/error.h"
#include "services/aggregator/sum.h"

static const char *mark_of(int exact, int at_least, int below, int about) {
    const int counts[APPROX_COUNT] = {exact, at_least, below, about};
    struct sum sum = {0};
    for (int kind = 0; kind < APPROX_COUNT; kind++) {
        for (int i = 0; i < counts[kind]; i++) {
            assert_int_equal(sum_add(&sum, 10, (enum approx)kind), 0);
        }
    }
    return sum_mark(&sum);
}

static void the_mark_tells_how_sure_a_sum_is(void **state) {
    (void)state;
    assert_string_equal(mark_of(0, 0, 0, 0), "");
    assert_string_equal(mark_of(3, 0, 0, 0), "");
    assert_string_equal(mark_of(0, 1, 0, 0), "≥");
    assert_string_equal(mark_of(5, 2, 0, 0), "≥");
    assert_string_equal(mark_of(0, 0, 2, 0), "近");
    assert_string_equal(mark_of(5, 0, 1, 0), "近");
    assert_string_equal(mark_of(0, 0, 0, 1), "约");
    assert_string_equal(mark_of(5, 0, 0, 1), "约");
    assert_string_equal(mark_of(0, 1, 1, 0), "约");
    assert_string_equal(mark_of(9, 1, 1, 1), "约");
    assert_string_equal(mark_of(0, 1, 0, 1), "约");
}

static void what_is_taken_leaves_no_trace(void **state) {
    (void)state;
    struct sum sum = {0};
    sum_add(&sum, 20, APPROX_AT_LEAST);
    sum_add(&sum, 0, APPROX_EXACT);
    sum_take(&sum, 20, APPROX_AT_LEAST);
    assert_false(sum_is_empty(&sum)); /* a zero was counted */
    assert_string_equal(sum_mark(&sum), "");
    sum_take(&sum, 0, APPROX_EXACT);
    assert_true(sum_is_empty(&sum));
    assert_int_equal(sum.value, 0);
}

static void merging_adds_values_and_counts(void **state) {
    (void)state;
    struct sum a = {0};
    struct sum b = {0};
    sum_add(&a, 23, APPROX_EXACT);
    sum_add(&b, 30, APPROX_BELOW);
    sum_add(&b, 7, APPROX_EXACT);
    assert_int_equal(sum_merge(&a, &b), 0);
    assert_int_equal(a.value, 60);
    assert_int_equal(a.counts[APPROX_EXACT], 2);
    assert_int_equal(a.counts[APPROX_BELOW], 1);
    assert_string_equal(sum_mark(&a), "近");
}

static void a_sum_never_saturates(void **state) {
    (void)state;
    struct sum sum = {.value = INT64_MAX - 5, .counts = {1}};
    struct sum more = {.value = 6, .counts = {1}};
    assert_int_equal(sum_add(&sum, 6, APPROX_EXACT), -ERR_TOO_BIG);
    assert_int_equal(sum_merge(&sum, &more), -ERR_TOO_BIG);
    assert_int_equal(sum.value, INT64_MAX - 5);
    assert_int_equal(sum.counts[APPROX_EXACT], 1);
    assert_int_equal(sum_add(&sum, 5, APPROX_EXACT), 0);
    assert_int_equal(sum.value, INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_tells_how_sure_a_sum_is),
        cmocka_unit_test(what_is_taken_leaves_no_trace),
        cmocka_unit_test(merging_adds_values_and_counts),
        cmocka_unit_test(a_sum_never_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
