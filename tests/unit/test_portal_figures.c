/* Figures at the HTTP door: the query, the CSV, the board behind the live streams, names of squads, metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "services/portal/board.h"
#include "services/portal/exposition.h"
#include "services/portal/squads.h"
#include "services/portal/totals_csv.h"
#include "services/portal/totals_query.h"

#define POSITION_1 "00000000000000aa.1.5.0000000000000001"
#define POSITION_2 "00000000000000aa.1.9.0000000000000002"
#define POSITION_3 "00000000000000aa.1.12.0000000000000003"
#define ELSEWHERE "00000000000000bb.1.3.0000000000000001"

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static int read_query(const char *raw, struct wire_totals_query *query) {
    struct target target;
    struct error error;
    assert_int_equal(target_parse(text_of(raw), arena, &target, &error), 0);
    return totals_query_read(&target, TOTALS_FIGURES, query, &error);
}

static void reads_queries(void **state) {
    (void)state;
    struct wire_totals_query query;
    assert_int_equal(read_query("/t", &query), 0);
    assert_int_equal(query.present, 0);
    assert_int_equal(
        read_query("/t?from=2026-05-01&to=2026-05-31&by=squad,month&unit=haining&programme=dog&at_least=" POSITION_1
                   "&changed_since=" POSITION_2,
                   &query),
        0);
    char day[DATE_TEXT_SIZE];
    day_format(query.to, day);
    assert_string_equal(day, "2026-05-31");
    assert_int_equal(query.by.count, 2);
    assert_true(text_equal(((struct text *)query.by.items)[1], text_of("month")));
    assert_true(wire_has(query.present, FIELD_totals_query_at_least));
    assert_true(text_equal(query.changed_since, text_of(POSITION_2)));
    /* Parameters without a value are as if absent: forms send them. */
    assert_int_equal(read_query("/t?from=&to=&by=&unit=&at_least=", &query), 0);
    assert_int_equal(query.present, 0);
}

static void refuses_queries(void **state) {
    (void)state;
    static const char *const bad[] = {
        "/t?from=2026-02-29", "/t?from=2026-5-1",
        "/t?by=squad,",       "/t?by=colour",
        "/t?by=day,day",      "/t?limit=5",
        "/t?colour=red",      "/t?at_least=5",
        "/t?changed_since=x", "/t?from=2026-02-02&to=2026-02-01",
        "/t?by=,squad",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wire_totals_query query;
        int result = read_query(bad[i], &query);
        /* A trailing comma is what string joins leave behind. */
        if (strcmp(bad[i], "/t?by=squad,") == 0) {
            assert_int_equal(result, 0);
        } else if (result >= 0) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

/* ---- answers ---- */

static struct wire_sum make_sum(int64_t value, const char *mark) {
    struct wire_sum sum = {.value = value, .mark = text_of(mark)};
    for (unsigned field = 0; field < FIELD_COUNT_sum; field++) {
        wire_set(&sum.present, field);
    }
    return sum;
}

struct figures {
    struct wire_sum sums[2];
    struct wire_measure_sum measure;
    struct wire_sum measured;
    struct wire_totals_row row;
};

static void make_figures(struct figures *figures, const char *unit, const char *name, int64_t attendances) {
    *figures =
        (struct figures){.sums = {make_sum(attendances, "≥"), make_sum(100, "")}, .measured = make_sum(1250, "近")};
    figures->measure = (struct wire_measure_sum){
        .name = text_of("=清运\"垃圾\""), .unit = text_of("吨"), .sum = {&figures->measured, 1}};
    figures->measure.present = 7;
    figures->row = (struct wire_totals_row){.unit = text_of(unit),
                                            .name = text_of(name),
                                            .programme = text_of("dog"),
                                            .period = text_of("2026-05"),
                                            .activities = 2,
                                            .reports = 3,
                                            .attendances = {&figures->sums[0], 1},
                                            .minutes = {&figures->sums[1], 1},
                                            .measures = {&figures->measure, 1}};
    figures->row.present = (UINT64_C(1) << (FIELD_totals_row_measures + 1)) - 1;
}

static void renders_csv(void **state) {
    (void)state;
    struct figures figures;
    make_figures(&figures, "haining/xucun", "@许村志愿中队", 20);
    figures.row.warned = 1;
    struct wire_totals_answer answer = {.rows = {&figures.row, 1}};
    struct buffer out = {0};
    totals_csv_render(&answer, &out);
    buffer_append(&out, "", 1);
    const char *csv = (const char *)out.data;
    assert_memory_equal(csv,
                        "\xEF\xBB\xBF"
                        "中队,",
                        10);
    const char *row = strstr(csv, "\r\n") + 2;
    assert_string_equal(row, "\"'@许村志愿中队\",\"文明养犬\",\"\",\"2026-05\",2,3,0,\"≥\",20,\"\",1.667,100,0,0,1,"
                             "\"\",\"\",\"\",\"\","
                             "\"'=清运\"\"垃圾\"\" 近1.25吨\"\r\n");
    buffer_free(&out);
}

/* ---- the board ---- */

static void update(struct board *board, const char *as_of, const char *unit, int64_t attendances) {
    struct figures figures;
    struct error error;
    make_figures(&figures, unit, "中队", attendances);
    struct wire_totals_answer answer = {.as_of = text_of(as_of), .rows = {&figures.row, 1}};
    assert_int_equal(board_update(board, &answer, &error), 0);
}

/* The units of the event that a listener gets, joined by spaces. */
static void composed(const struct board *board, int64_t since, char *units, size_t size) {
    struct buffer out = {0};
    int64_t now = board_compose(board, since, &out);
    assert_int_equal(now, board->as_of.seq);
    buffer_append(&out, "", 1);
    const char *data = strstr((const char *)out.data, "\ndata: ");
    assert_non_null(data);
    assert_memory_equal(out.data, "id: ", 4);
    assert_string_equal(out.data + out.length - 3, "\n\n");
    json_t *document = json_loads(data + 7, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "as_of")), board->as_of_text);
    size_t index;
    json_t *row;
    units[0] = '\0';
    json_array_foreach(json_object_get(document, "rows"), index, row) {
        size_t used = strlen(units);
        snprintf(units + used, size - used, "%s ", json_string_value(json_object_get(row, "unit")));
    }
    json_decref(document);
    buffer_free(&out);
}

static void expect_units(const struct board *board, int64_t since, const char *expected) {
    char units[200];
    composed(board, since, units, sizeof units);
    assert_string_equal(units, expected);
}

static void board_tells_what_changed(void **state) {
    (void)state;
    struct board board = {0};
    assert_false(board_has_news(&board, BOARD_NOTHING));
    update(&board, POSITION_1, "a", 1);
    update(&board, POSITION_1, "b", 1);
    assert_true(board_has_news(&board, BOARD_NOTHING));
    assert_false(board_has_news(&board, 5));
    update(&board, POSITION_2, "b", 2);
    expect_units(&board, BOARD_NOTHING, "a b ");
    expect_units(&board, 5, "b ");
    update(&board, POSITION_3, "b", 2); /* the same figures: nothing to tell but the position */
    expect_units(&board, 9, "");
    expect_units(&board, 5, "b ");
    board_free(&board);
}

static void board_resumes_known_positions(void **state) {
    (void)state;
    struct board board = {0};
    assert_int_equal(board_since(&board, text_of(POSITION_1)), BOARD_NOTHING);
    update(&board, POSITION_2, "a", 1);
    assert_int_equal(board_since(&board, text_of(POSITION_1)), 5);
    assert_int_equal(board_since(&board, text_of(POSITION_2)), 9);
    assert_int_equal(board_since(&board, text_of(POSITION_3)), BOARD_NOTHING); /* we are behind it */
    assert_int_equal(board_since(&board, text_of(ELSEWHERE)), BOARD_NOTHING);
    assert_int_equal(board_since(&board, text_of("nonsense")), BOARD_NOTHING);
    assert_int_equal(board_since(&board, text_of("")), BOARD_NOTHING);
    board_free(&board);
}

static void board_of_another_journal_begins_anew(void **state) {
    (void)state;
    struct board board = {0};
    struct figures figures;
    make_figures(&figures, "c", "中队", 3);
    struct wire_totals_answer answer = {.as_of = text_of(ELSEWHERE), .rows = {&figures.row, 1}};
    assert_false(board_is_other(&board, &answer));
    update(&board, POSITION_2, "a", 1);
    assert_true(board_is_other(&board, &answer));
    update(&board, ELSEWHERE, "c", 3);
    expect_units(&board, BOARD_NOTHING, "c ");
    struct error error;
    answer.as_of = text_of("nonsense");
    assert_int_equal(board_update(&board, &answer, &error), -ERR_BAD_POSITION);
    board_free(&board);
}

/* ---- squads and metrics ---- */

static void finds_squads(void **state) {
    (void)state;
    struct squad items[] = {{text_of("haining/xucun"), text_of("许村志愿中队")},
                            {text_of("haining/haichang"), text_of("海昌（开发区）志愿中队")},
                            {text_of("haining/a/twin"), text_of("")},
                            {text_of("haining/b/twin"), text_of("")}};
    const struct squads squads = {.items = items, .count = 4};
    static const char *const xucun[] = {"许村", "许村志愿中队", "许村城市管理志愿服务中队", "xucun", "haining/xucun"};
    for (size_t i = 0; i < sizeof xucun / sizeof *xucun; i++) {
        assert_ptr_equal(squads_find(&squads, text_of(xucun[i])), &items[0]);
    }
    assert_ptr_equal(squads_find(&squads, text_of("海昌（开发区）城市管理志愿服务中队")), &items[1]);
    assert_ptr_equal(squads_find(&squads, text_of("haining/b/twin")), &items[3]);
    assert_null(squads_find(&squads, text_of("twin")));
    assert_null(squads_find(&squads, text_of("许")));
    assert_null(squads_find(&squads, text_of("志愿中队")));
    assert_null(squads_find(&squads, text_of("")));
}

static void merges_metrics(void **state) {
    (void)state;
    const struct text texts[] = {
        text_of("# HELP up is up\n# TYPE up gauge\nup{service=\"a\"} 1\n# a remark\n# TYPE x counter\nx 3\n"),
        text_of(""),
        text_of("# HELP y why\n# TYPE y gauge\ny 1\n# HELP up is up\n# TYPE up gauge\nup{service=\"b\"} 0"),
    };
    struct buffer out = {0};
    exposition_merge(texts, 3, &out);
    buffer_append(&out, "", 1);
    assert_string_equal(out.data, "# HELP up is up\n# TYPE up gauge\nup{service=\"a\"} 1\nup{service=\"b\"} 0\n"
                                  "# TYPE x counter\nx 3\n# HELP y why\n# TYPE y gauge\ny 1\n");
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_queries),
        cmocka_unit_test(refuses_queries),
        cmocka_unit_test(renders_csv),
        cmocka_unit_test(board_tells_what_changed),
        cmocka_unit_test(board_resumes_known_positions),
        cmocka_unit_test(board_of_another_journal_begins_anew),
        cmocka_unit_test(finds_squads),
        cmocka_unit_test(merges_metrics),
    };
    return cmocka_run_group_tests_name("portal: figures", tests, open_arena, close_arena);
}
