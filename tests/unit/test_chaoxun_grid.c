/* Grids: columns aligned by what a terminal shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>

#include "services/chaoxun/grid.h"

static char *printed(const struct grid *grid) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_true(grid_print(grid, out));
    fclose(out);
    return text;
}

static void a_chinese_character_is_two_columns_wide(void **state) {
    (void)state;
    assert_int_equal(grid_width(text_of("许村")), 4);
    assert_int_equal(grid_width(text_of("≥20")), 3);
    assert_int_equal(grid_width(text_of("海昌（开发区）")), 14);
    assert_int_equal(grid_width(text_of("")), 0);
    assert_int_equal(grid_width(text_of("e\xCC\x81")), 1); /* a combining accent takes none */
    assert_int_equal(grid_width(text_of("a\xFF"
                                        "b")),
                     1); /* what follows invalid bytes is not shown */
}

static void columns_line_up(void **state) {
    (void)state;
    struct grid *grid = grid_create();
    grid_column(grid, "单位", GRID_LEFT);
    grid_column(grid, "人次", GRID_RIGHT);
    grid_cell(grid, text_of("许村志愿中队"));
    grid_cellf(grid, "≥%d", 5);
    grid_cell(grid, text_of("abc"));
    grid_cell(grid, text_of("1234567"));
    char *text = printed(grid);
    assert_string_equal(text, "单位             人次\n"
                              "---------------------\n"
                              "许村志愿中队       ≥5\n"
                              "abc           1234567\n");
    free(text);
    grid_destroy(&grid);
    assert_null(grid);
}

static void an_empty_grid_prints_its_header(void **state) {
    (void)state;
    struct grid *grid = grid_create();
    grid_column(grid, "name", GRID_LEFT);
    char *text = printed(grid);
    assert_string_equal(text, "name\n----\n");
    free(text);
    grid_destroy(&grid);
}

static void grows_to_many_rows(void **state) {
    (void)state;
    struct grid *grid = grid_create();
    grid_column(grid, "n", GRID_RIGHT);
    for (int i = 0; i < 1000; i++) {
        grid_cellf(grid, "%d", i);
    }
    char *text = printed(grid);
    assert_non_null(strstr(text, "\n  7\n"));
    assert_non_null(strstr(text, "\n999\n"));
    free(text);
    grid_destroy(&grid);
}

int main(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chinese_character_is_two_columns_wide),
        cmocka_unit_test(columns_line_up),
        cmocka_unit_test(an_empty_grid_prints_its_header),
        cmocka_unit_test(grows_to_many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
