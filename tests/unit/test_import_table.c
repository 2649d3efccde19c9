/* CSV files as rows of cells: encodings, quotes, broken rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <iconv.h>

#include "common/import/table.h"

static struct table read_text(const char *text) {
    struct table table;
    struct error error;
    if (table_read(&table, text_of(text), &error) != 0) {
        fail_msg("%s", error.text);
    }
    return table;
}

static void expect_cell(const struct table *table, uint32_t row, uint32_t column, const char *expected) {
    struct text cell = table_cell(table, &table->rows[row], column);
    if (!text_equal(cell, text_of(expected))) {
        fail_msg("row %u column %u: %.*s", row, column, (int)cell.length, cell.data);
    }
}

static void reads_utf8_with_and_without_bom(void **state) {
    (void)state;
    struct table table = read_text("\xEF\xBB\xBF编号,中队\r\nR001,许村\r\n");
    assert_int_equal(table.row_count, 2);
    assert_false(table.gb18030);
    expect_cell(&table, 0, 0, "编号");
    expect_cell(&table, 1, 1, "许村");
    assert_int_equal(table.rows[1].number, 2);
    table_free(&table);
    table = read_text("编号,中队\nR001,许村");
    assert_int_equal(table.row_count, 2);
    expect_cell(&table, 1, 1, "许村");
    table_free(&table);
}

/* "编号,地点\n1,𠮷镇㐀\n" in GB18030, with a character of four bytes. */
static void reads_gb18030(void **state) {
    (void)state;
    char utf8[] = "编号,地点\n1,𠮷家桥㐀村“四洁四美”\n";
    char gb[200];
    char *in = utf8;
    char *out = gb;
    size_t in_left = strlen(utf8);
    size_t out_left = sizeof gb;
    iconv_t convert = iconv_open("GB18030", "UTF-8");
    assert_int_equal(iconv(convert, &in, &in_left, &out, &out_left), 0);
    iconv_close(convert);
    struct table table;
    struct error error;
    assert_int_equal(table_read(&table, (struct text){gb, (uint32_t)(out - gb)}, &error), 0);
    assert_true(table.gb18030);
    expect_cell(&table, 0, 1, "地点");
    expect_cell(&table, 1, 1, "𠮷家桥㐀村“四洁四美”");
    table_free(&table);
}

static void reads_quotes_commas_and_line_ends(void **state) {
    (void)state;
    struct table table = read_text("a,b,c\n\"一，二\",\"说\"\"好\"\"\",\"上\n下\"\n\n 4 ,,6\n");
    assert_int_equal(table.row_count, 3);
    expect_cell(&table, 1, 0, "一，二");
    expect_cell(&table, 1, 1, "说\"好\"");
    expect_cell(&table, 1, 2, "上\n下");
    expect_cell(&table, 2, 0, "4");
    expect_cell(&table, 2, 1, "");
    expect_cell(&table, 2, 2, "6");
    assert_int_equal(table.rows[2].number, 4);
    table_free(&table);
}

static void a_quote_left_open_costs_one_row(void **state) {
    (void)state;
    struct table table = read_text("a,b\n1,2\n3,\"四\n5,6\n7,8\n");
    assert_int_equal(table.row_count, 5);
    assert_int_equal(table.rows[2].fault, ERR_CSV_QUOTE);
    assert_int_equal(table.rows[2].number, 3);
    expect_cell(&table, 3, 0, "5");
    expect_cell(&table, 4, 1, "8");
    table_free(&table);
    table = read_text("a,b\n1,\"x\n3,4\n5,\"y\n7,8"); /* the second stray quote closes the first */
    assert_int_equal(table.rows[1].fault, ERR_CSV_QUOTE);
    expect_cell(&table, 2, 0, "3");
    assert_int_equal(table.rows[3].fault, ERR_CSV_QUOTE);
    expect_cell(&table, 4, 1, "8");
    table_free(&table);
    table = read_text("a,b\n1,\"x"); /* open at the end of the file, without a line end */
    assert_int_equal(table.rows[1].fault, ERR_CSV_QUOTE);
    table_free(&table);
}

static void a_line_in_no_encoding_costs_one_row(void **state) {
    (void)state;
    struct table table = read_text("编号,中队\n1,许村\n2,\xFF\xFE\xFF\n3,斜桥\n4,丁桥\n");
    assert_int_equal(table.row_count, 5);
    assert_int_equal(table.rows[2].fault, ERR_CSV_ENCODING);
    expect_cell(&table, 3, 1, "斜桥");
    table_free(&table);
}

static void refuses_utf16(void **state) {
    (void)state;
    struct table table;
    struct error error;
    assert_int_equal(table_read(&table, (struct text){"\xFF\xFE\x16\x7F", 4}, &error), -ERR_CSV_ENCODING);
}

static void an_empty_file_has_no_rows(void **state) {
    (void)state;
    struct table table = read_text("");
    assert_int_equal(table.row_count, 0);
    table_free(&table);
    table = read_text("\n\r\n\n");
    assert_int_equal(table.row_count, 0);
    table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_utf8_with_and_without_bom),     cmocka_unit_test(reads_gb18030),
        cmocka_unit_test(reads_quotes_commas_and_line_ends),   cmocka_unit_test(a_quote_left_open_costs_one_row),
        cmocka_unit_test(a_line_in_no_encoding_costs_one_row), cmocka_unit_test(refuses_utf16),
        cmocka_unit_test(an_empty_file_has_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
