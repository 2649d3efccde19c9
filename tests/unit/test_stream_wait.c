/* Positions that a question asks for: answered, held, asked about, or refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/stream/wait.h"

static const struct position own = {.journal = 7, .epoch = 2, .seq = 100, .hash = 0xAA};
static const struct position head = {.journal = 7, .epoch = 2, .seq = 150, .hash = 0xBB};
static const struct position nothing = {0};

static int judge(struct position wanted, bool fresh) {
    struct error error = {0};
    int result = wait_judge(&own, &head, fresh, &wanted, &error);
    assert_int_equal(result < 0 ? -result : 0, error.code);
    return result;
}

static void what_is_folded_is_answered(void **state) {
    (void)state;
    assert_int_equal(judge(nothing, false), WAIT_ANSWER);
    assert_int_equal(judge(own, false), WAIT_ANSWER);
    assert_int_equal(judge((struct position){7, 2, 1, 0x11}, false), WAIT_ANSWER);
    assert_int_equal(judge((struct position){7, 2, 99, 0xAA}, true), WAIT_ANSWER);
}

static void what_is_in_the_journal_is_waited_for(void **state) {
    (void)state;
    assert_int_equal(judge((struct position){7, 2, 101, 0x22}, false), WAIT_HOLD);
    assert_int_equal(judge(head, true), WAIT_HOLD);
}

static void what_may_have_come_since_is_asked_about(void **state) {
    (void)state;
    assert_int_equal(judge((struct position){7, 2, 151, 0x33}, false), WAIT_ASK);
    assert_int_equal(judge((struct position){7, 3, 160, 0x33}, false), WAIT_ASK);
    struct position wanted = {7, 2, 101, 0x22};
    assert_int_equal(wait_judge(&own, NULL, false, &wanted, NULL), WAIT_ASK);
    assert_int_equal(wait_judge(&own, NULL, true, &wanted, NULL), WAIT_ASK);
    assert_int_equal(wait_judge(&nothing, NULL, false, &wanted, NULL), WAIT_ASK);
    assert_int_equal(wait_judge(&nothing, &head, false, &wanted, NULL), WAIT_HOLD);
}

static void what_cannot_come_is_refused(void **state) {
    (void)state;
    assert_int_equal(judge((struct position){7, 2, 151, 0x33}, true), -ERR_BEYOND);
    assert_int_equal(judge((struct position){8, 2, 151, 0x33}, false), -ERR_OTHER_JOURNAL);
    assert_int_equal(judge((struct position){8, 2, 5, 0x33}, false), -ERR_OTHER_JOURNAL);
    assert_int_equal(judge((struct position){7, 1, 5, 0x33}, false), -ERR_OTHER_JOURNAL);
    assert_int_equal(judge((struct position){7, 3, 100, 0xAA}, false), -ERR_OTHER_JOURNAL);
    assert_int_equal(judge((struct position){7, 2, 100, 0xAB}, false), -ERR_OTHER_JOURNAL);
    assert_int_equal(judge((struct position){7, 1, 140, 0x33}, true), -ERR_OTHER_JOURNAL);
    struct position wanted = {9, 1, 3, 0x22};
    assert_int_equal(wait_judge(&nothing, &head, true, &wanted, NULL), -ERR_OTHER_JOURNAL);
    assert_int_equal(wait_judge(&nothing, &nothing, true, &wanted, NULL), -ERR_OTHER_JOURNAL);
}

/* Behind a repair, before the first block of its epoch. */
static void a_head_of_a_newer_epoch_is_where_we_stand(void **state) {
    (void)state;
    struct position repaired = {7, 3, 100, 0xAA};
    assert_int_equal(wait_judge(&own, &repaired, false, &repaired, NULL), WAIT_ANSWER);
    struct position other = {7, 3, 100, 0xAB};
    assert_int_equal(wait_judge(&own, &other, true, &other, NULL), -ERR_OTHER_JOURNAL);
}

static void a_refusal_names_both_positions(void **state) {
    (void)state;
    struct error error = {0};
    struct position wanted = {7, 2, 151, 0x33};
    assert_int_equal(wait_judge(&own, &head, true, &wanted, &error), -ERR_BEYOND);
    assert_non_null(strstr(error.text, ".2.151."));
    assert_non_null(strstr(error.text, ".2.150."));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_folded_is_answered),
        cmocka_unit_test(what_is_in_the_journal_is_waited_for),
        cmocka_unit_test(what_may_have_come_since_is_asked_about),
        cmocka_unit_test(what_cannot_come_is_refused),
        cmocka_unit_test(a_head_of_a_newer_epoch_is_where_we_stand),
        cmocka_unit_test(a_refusal_names_both_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
