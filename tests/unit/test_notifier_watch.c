/* What counts as a trouble of a channel, and for how long it has to stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/shape.h"
#include "services/notifier/watch/trouble.h"

#define NOW INT64_C(1700000000000)
#define MINUTE 60000

static const struct trouble_limits limits = {.oldest_ms = 30 * MINUTE, .standing_ms = 5 * MINUTE};

static bool finds(enum trouble trouble, struct trouble_figures figures) {
    return trouble_is_there(trouble, &figures, &limits, NOW);
}

static void figures_are_judged(void **state) {
    (void)state;
    assert_true(finds(TROUBLE_OLDEST, (struct trouble_figures){.open = 1, .oldest_at = NOW - 30 * MINUTE}));
    assert_false(finds(TROUBLE_OLDEST, (struct trouble_figures){.open = 1, .oldest_at = NOW - 30 * MINUTE + 1}));
    assert_false(finds(TROUBLE_OLDEST, (struct trouble_figures){.open = 0, .oldest_at = 0}));
    assert_true(finds(TROUBLE_DEAD, (struct trouble_figures){.dead = 1}));
    assert_true(finds(TROUBLE_BREAKER, (struct trouble_figures){.breakers = 1}));
    assert_true(finds(TROUBLE_REPORTS, (struct trouble_figures){.unreported = 3, .reported = 2}));
    assert_false(finds(TROUBLE_REPORTS, (struct trouble_figures){.unreported = 3, .reported = 3}));
    for (int trouble = 0; trouble < TROUBLE_COUNT; trouble++) {
        assert_false(finds((enum trouble)trouble, (struct trouble_figures){0}));
    }
}

/* What comes and goes is neither told nor called over. */
static void a_trouble_must_stand(void **state) {
    (void)state;
    struct trouble_watch watch = {0};
    assert_int_equal(trouble_look(&watch, false, &limits, NOW), TROUBLE_UNDECIDED); /* a start says nothing */
    for (int minute = 0; minute < 60; minute++) {
        bool there = minute / 4 % 2 == 0;
        assert_int_equal(trouble_look(&watch, there, &limits, NOW + minute * MINUTE), TROUBLE_UNDECIDED);
    }
    assert_int_equal(trouble_look(&watch, true, &limits, NOW + 60 * MINUTE), TROUBLE_UNDECIDED);
    assert_int_equal(trouble_look(&watch, true, &limits, NOW + 65 * MINUTE), TROUBLE_STANDS);
    assert_int_equal(trouble_look(&watch, true, &limits, NOW + 90 * MINUTE), TROUBLE_STANDS);
    assert_int_equal(trouble_look(&watch, false, &limits, NOW + 91 * MINUTE), TROUBLE_UNDECIDED);
    assert_int_equal(trouble_look(&watch, false, &limits, NOW + 96 * MINUTE), TROUBLE_OVER);
}

/* Each says which channel and how many, and fits into an alert's text. */
static void the_words_name_channel_and_number(void **state) {
    (void)state;
    struct trouble_figures figures = {INT64_MAX, 0, 17, 17, 17, 17};
    char text[TROUBLE_TEXT_SIZE];
    for (int trouble = 0; trouble < TROUBLE_COUNT; trouble++) {
        for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
            trouble_text((enum trouble)trouble, (enum channel)channel, &figures, INT64_MAX, text);
            assert_non_null(strstr(text, word_chinese(KIND_CHANNEL, channel)));
            assert_true(strlen(text) < sizeof text - 1);
        }
    }
    figures.open = 4;
    figures.oldest_at = NOW - 41 * MINUTE;
    trouble_text(TROUBLE_OLDEST, CHANNEL_SMS, &figures, NOW, text);
    assert_non_null(strstr(text, "有 4 条还没有发出，最早的一条已等 41 分钟"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_judged),
        cmocka_unit_test(a_trouble_must_stand),
        cmocka_unit_test(the_words_name_channel_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
