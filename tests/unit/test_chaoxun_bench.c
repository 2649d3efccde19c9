/* The pure parts of benchmarks: percentiles, and events that intake would take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "services/chaoxun/histogram.h"
#include "services/chaoxun/load_event.h"

static void percentiles_are_right_within_two_percent(void **state) {
    (void)state;
    struct histogram *histogram = calloc(1, sizeof *histogram);
    assert_int_equal(histogram_at(histogram, 500), 0);
    for (int64_t value = 1; value <= 100000; value++) {
        histogram_add(histogram, value, 1);
    }
    static const uint32_t permilles[] = {1, 10, 100, 500, 900, 990, 999};
    for (size_t i = 0; i < sizeof permilles / sizeof *permilles; i++) {
        double exact = permilles[i] * 100.0;
        double found = (double)histogram_at(histogram, permilles[i]);
        assert_true(found >= exact && found <= exact * 1.02);
    }
    assert_int_equal(histogram_at(histogram, 1000), 100000);
    assert_int_equal(histogram->most, 100000);
    free(histogram);
}

static void small_values_are_exact(void **state) {
    (void)state;
    struct histogram histogram = {.total = 0};
    histogram_add(&histogram, 7, 99);
    histogram_add(&histogram, 60, 1);
    assert_int_equal(histogram_at(&histogram, 500), 7);
    assert_int_equal(histogram_at(&histogram, 990), 7);
    assert_int_equal(histogram_at(&histogram, 991), 60);
}

static void the_largest_values_find_a_place(void **state) {
    (void)state;
    struct histogram histogram = {.total = 0};
    histogram_add(&histogram, INT64_MAX, 1);
    histogram_add(&histogram, 0, 1);
    histogram_add(&histogram, -5, 1); /* a clock that went back */
    assert_int_equal(histogram_at(&histogram, 500), 0);
    assert_true(histogram_at(&histogram, 1000) > INT64_C(1) << 44);
}

static void histograms_add_up(void **state) {
    (void)state;
    struct histogram one = {.total = 0};
    struct histogram other = {.total = 0};
    histogram_add(&one, 10, 50);
    histogram_add(&other, 20, 50);
    histogram_merge(&one, &other);
    assert_int_equal(one.total, 100);
    assert_int_equal(histogram_at(&one, 500), 10);
    assert_int_equal(histogram_at(&one, 501), 20);
    assert_int_equal(one.most, 20);
}

static void load_is_valid_reports_of_about_512_bytes(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    for (uint64_t number = 0; number < 500; number++) {
        struct buffer bytes = {0};
        struct faults faults = {0};
        struct event event;
        arena_reset(arena);
        assert_int_equal(load_event(text_of("haining/xucun"), number, &bytes), 0);
        assert_int_equal(
            codec_decode_event((struct text){(const char *)bytes.data, (uint32_t)bytes.length}, arena, &event, &faults),
            0);
        assert_in_range(bytes.length, 500, 640);
        assert_int_equal(event.type, EVENT_REPORT_SUBMITTED);
        assert_int_equal(event.body->report.measures.count, 2);
        assert_true(event.has_side);
        assert_true(event.body->report.narrative.length > 100);
        buffer_free(&bytes);
    }
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_right_within_two_percent), cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(the_largest_values_find_a_place),          cmocka_unit_test(histograms_add_up),
        cmocka_unit_test(load_is_valid_reports_of_about_512_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
