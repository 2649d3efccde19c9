/* Options: what a command line means, and what is said when it means nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "services/chaoxun/nearest.h"
#include "services/chaoxun/options.h"

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH"},
    {.name = "order", .kind = OPTION_INT, .word = "N", .min = 0, .max = 100},
    {.name = "closed", .kind = OPTION_FLAG},
    {.name = "to", .kind = OPTION_LIST, .word = "PATH"},
    {.name = NULL},
};

/* Parses up to eight words. */
static int parse(struct options *options, struct error *error, const char *const *words) {
    static char copies[8][80];
    static char *argv[8];
    int count = 0;
    for (; words[count]; count++) {
        strncpy(copies[count], words[count], sizeof copies[count] - 1);
        argv[count] = copies[count];
    }
    return options_parse(options, rows, count, argv, error);
}

#define WORDS(...) \
    (const char *const[]) { \
        __VA_ARGS__, NULL \
    }

static void sorts_options_settings_and_operands(void **state) {
    (void)state;
    struct options options;
    struct error error;
    assert_int_equal(
        parse(&options, &error,
              WORDS("haining/许村", "--unit=haining", "--order", "7", "--data", "/tmp/x", "--closed", "-")),
        0);
    assert_string_equal(option_text(&options, "unit"), "haining");
    assert_int_equal(option_int(&options, "order", 3), 7);
    assert_true(option_given(&options, "closed"));
    assert_int_equal(options.operand_count, 2);
    assert_string_equal(option_operand(&options, 0), "haining/许村");
    assert_string_equal(option_operand(&options, 1), "-");
    assert_null(option_operand(&options, 2));
    assert_int_equal(options.setting_count, 3);
    assert_string_equal(options.settings[1], "--data");
    assert_string_equal(options.settings[2], "/tmp/x");
    options_free(&options);
}

static void joins_the_values_of_a_list(void **state) {
    (void)state;
    struct options options;
    struct error error;
    assert_int_equal(parse(&options, &error, WORDS("--to", "a", "--unit=x", "--to=b,c", "--unit=y", "--to", "d")), 0);
    assert_string_equal(option_text(&options, "to"), "a,b,c,d");
    assert_string_equal(option_text(&options, "unit"), "y");
    options_free(&options);
}

static void takes_endpoints_and_the_end_of_options(void **state) {
    (void)state;
    struct options options;
    struct error error;
    assert_int_equal(parse(&options, &error, WORDS("--endpoint.submit=tcp://127.0.0.1:1", "--", "--closed")), 0);
    assert_int_equal(options.setting_count, 2);
    assert_false(option_given(&options, "closed"));
    assert_string_equal(option_operand(&options, 0), "--closed");
    assert_int_equal(option_int(&options, "order", 3), 3);
    options_free(&options);
}

static void assert_refused(const char *expected, const char *const *words) {
    struct options options;
    struct error error;
    assert_int_equal(parse(&options, &error, words), -(int)ERR_USAGE);
    if (!strstr(error.text, expected)) {
        fail_msg("'%s' does not say '%s'", error.text, expected);
    }
    options_free(&options);
}

static void says_what_is_wrong(void **state) {
    (void)state;
    assert_refused("--closed is near", WORDS("--close"));
    assert_refused("--data is near", WORDS("--dta", "x"));
    assert_refused("--endpoint.submit", WORDS("--endpoint.submit"));
    assert_refused("no option --zzzzzzz", WORDS("--zzzzzzz"));
    assert_refused("no option -x", WORDS("-x"));
    assert_refused("--unit needs a value", WORDS("--unit"));
    assert_refused("--unit needs a value", WORDS("--unit", "--closed"));
    assert_refused("--closed takes no value", WORDS("--closed=yes"));
    assert_refused("from 0 to 100", WORDS("--order", "101"));
    assert_refused("from 0 to 100", WORDS("--order", "1x"));
    assert_refused("from 0 to 100", WORDS("--order="));
}

static void knows_help(void **state) {
    (void)state;
    struct options options;
    struct error error;
    assert_int_equal(parse(&options, &error, WORDS("-h")), 0);
    assert_true(options.help);
    options_free(&options);
    assert_int_equal(parse(&options, &error, WORDS("--lang", "zh", "--help")), 0);
    assert_true(options.help);
    assert_string_equal(options.lang, "zh");
    options_free(&options);
}

static void finds_the_nearest_word(void **state) {
    (void)state;
    const char *best = NULL;
    assert_int_equal(nearest_distance("submit", "submit"), 0);
    assert_int_equal(nearest_distance("sumbit", "submit"), 1);
    assert_int_equal(nearest_distance("", "abc"), 3);
    assert_int_equal(nearest_distance("totals", "totl"), 2);
    nearest_consider("totl", "tail", &best);
    nearest_consider("totl", "totals", &best);
    assert_string_equal(best, "tail"); /* two letters away, as totals is: the first of equals stays */
    best = NULL;
    nearest_consider("xy", "up", &best);
    assert_null(best); /* every letter differs */
    nearest_consider("ub", "up", &best);
    assert_string_equal(best, "up");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_options_settings_and_operands),
        cmocka_unit_test(joins_the_values_of_a_list),
        cmocka_unit_test(takes_endpoints_and_the_end_of_options),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(knows_help),
        cmocka_unit_test(finds_the_nearest_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
