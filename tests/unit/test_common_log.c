/* Log, clock and metrics: what stands in a line, and what can never stand in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/edge.h"
#include "common/log.h"
#include "common/metrics.h"

struct captured {
    struct log log;
    int reader;
    char line[4000];
};

static void open_log(struct captured *captured) {
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC | O_NONBLOCK), 0);
    *captured = (struct captured){.log = {"intake", LOG_LEVEL_INFO, pipes[1]}, .reader = pipes[0]};
}

static void close_log(struct captured *captured) {
    close(captured->reader);
    close(captured->log.descriptor);
}

static const char *line_of(struct captured *captured) {
    ssize_t length = read(captured->reader, captured->line, sizeof captured->line - 1);
    captured->line[length > 0 ? length : 0] = '\0';
    return captured->line;
}

static void a_line_has_time_level_service_message_and_pairs(void **state) {
    (void)state;
    struct captured captured;
    open_log(&captured);
    log_write(&captured.log, LOG_LEVEL_WARN, "disk full", "free=%d unit=%s", 7, "海宁/下石");
    const char *line = line_of(&captured);
    int year;
    int ms;
    assert_int_equal(sscanf(line, "time=%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%3dZ ", &year, &ms), 2);
    assert_true(year >= 2024);
    assert_string_equal(strchr(line, ' '), " level=warn service=intake message=\"disk full\" free=7 unit=海宁/下石\n");
    log_write(&captured.log, LOG_LEVEL_INFO, "stopped", "");
    assert_string_equal(strchr(line_of(&captured), ' '), " level=info service=intake message=stopped\n");
    close_log(&captured);
}

static void lower_levels_are_left_out(void **state) {
    (void)state;
    struct captured captured;
    open_log(&captured);
    log_write(&captured.log, LOG_LEVEL_DEBUG, "detail", "");
    struct error error = {.code = ERR_IO};
    log_error(&captured.log, LOG_LEVEL_DEBUG, "detail", &error);
    assert_string_equal(line_of(&captured), "");
    assert_int_equal(log_level_parse("warn"), LOG_LEVEL_WARN);
    assert_int_equal(log_level_parse("loud"), -1);
    close_log(&captured);
}

static void control_characters_never_get_through(void **state) {
    (void)state;
    struct captured captured;
    open_log(&captured);
    log_write(&captured.log, LOG_LEVEL_INFO, "a\nb",
              "x=1\ntime=forged\r\t\x1b[31m\x7f\xC2\x85"
              "end %s",
              "\xC3\xA9");
    assert_string_equal(
        strchr(line_of(&captured), ' '),
        " level=info service=intake message=\"a\\nb\" x=1\\ntime=forged\\x0d\\x09\\x1b[31m\\x7f\\xc2\\x85end é\n");
    close_log(&captured);
}

static void errors_are_quoted(void **state) {
    (void)state;
    struct captured captured;
    open_log(&captured);
    struct error error;
    error_setf(&error, ERR_IO, "open \"/a b\\c\"\n");
    log_error(&captured.log, LOG_LEVEL_ERROR, "failed", &error);
    assert_string_equal(strchr(line_of(&captured), ' '), " level=error service=intake message=failed code=io "
                                                         "error=\"input or output failed: open \\\"/a b\\\\c\\\" \"\n");
    close_log(&captured);
}

static void a_long_line_is_cut_at_a_whole_character(void **state) {
    (void)state;
    struct captured captured;
    open_log(&captured);
    char text[3001];
    for (int shift = 0; shift < 3; shift++) {
        text[0] = '\0';
        memset(text, 'x', (size_t)shift);
        for (size_t at = (size_t)shift; at + 3 < sizeof text; at += 3) {
            memcpy(text + at, "潮", 4);
        }
        log_write(&captured.log, LOG_LEVEL_INFO, "long", "text=%s", text);
        const char *line = line_of(&captured);
        size_t length = strlen(line);
        assert_true(length <= 1000 && length >= 990);
        assert_int_equal(line[length - 1], '\n');
        assert_non_null(strchr(line, '\n'));
        assert_true(text_is_utf8(text_of(line)));
    }
    close_log(&captured);
}

static void a_reader_that_went_does_no_harm(void **state) {
    (void)state;
    struct log log = {"intake", LOG_LEVEL_INFO, -1};
    log_write(&log, LOG_LEVEL_INFO, "into nothing", "");
}

static void clocks_go_forward_and_can_be_shifted(void **state) {
    (void)state;
    int64_t before = clock_now();
    assert_true(before > INT64_C(1600000000000));
    setenv("CHAOXUN_CLOCK_SHIFT_MS", "-86400000", 1);
    assert_true(clock_now() < before - 80000000);
    setenv("CHAOXUN_CLOCK_SHIFT_MS", "86400000", 1);
    assert_true(clock_now() > before + 80000000);
    unsetenv("CHAOXUN_CLOCK_SHIFT_MS");
    int64_t first = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= first);
}

static void metrics_are_prometheus_text(void **state) {
    (void)state;
    struct metrics metrics = {.values = {0}};
    metrics_add(&metrics, METRIC_EVENTS_STORED, 3);
    metrics_add(&metrics, METRIC_EVENTS_STORED, 4);
    metrics_set(&metrics, METRIC_READY, 1);
    struct buffer text = {0};
    metrics_render(&metrics, "intake", &text);
    buffer_append(&text, "", 1);
    const char *rendered = (const char *)text.data;
    assert_non_null(strstr(rendered, "# HELP chaoxun_events_stored_total receipts stored\n"
                                     "# TYPE chaoxun_events_stored_total counter\n"
                                     "chaoxun_events_stored_total{service=\"intake\"} 7\n"));
    assert_non_null(strstr(rendered, "# TYPE chaoxun_ready gauge\nchaoxun_ready{service=\"intake\"} 1\n"));
    assert_null(strstr(rendered, "chaoxun_http_requests_total"));
    assert_null(strstr(rendered, "chaoxun_events_folded_total"));
    buffer_free(&text);
}

static void metrics_of_several_services_are_told_by_each(void **state) {
    (void)state;
    static const char *const services[] = {"aggregator", "archiver", "notifier"};
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        struct metrics metrics = {.values = {0}};
        struct buffer text = {0};
        metrics_render(&metrics, services[i], &text);
        buffer_append(&text, "", 1);
        assert_non_null(strstr((const char *)text.data, "# TYPE chaoxun_events_folded_total counter\n"));
        buffer_free(&text);
    }
}

static void edges_admit_whom_the_table_names(void **state) {
    (void)state;
    assert_int_equal(edge_find(text_of("control.intake")), EDGE_CONTROL_INTAKE);
    assert_int_equal(edge_find(text_of("control")), -1);
    assert_true(edge_admits(EDGE_SUBMIT, "clients"));
    assert_true(edge_admits(EDGE_SUBMIT, "portal"));
    assert_true(edge_admits(EDGE_CONTROL_PORTAL, "operator"));
    assert_true(edge_admits(EDGE_CONTROL_INTAKE, "intake")); /* a health check with the service's own key */
    assert_false(edge_admits(EDGE_CONTROL_INTAKE, "aggregator"));
    assert_false(edge_admits(EDGE_SUBMIT, "intake"));
    assert_false(edge_admits(EDGE_SUBMIT, "client"));
    assert_false(edge_admits(EDGE_SUBMIT, "port"));
    assert_false(edge_admits(EDGE_SUBMIT, ""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_service_message_and_pairs),
        cmocka_unit_test(lower_levels_are_left_out),
        cmocka_unit_test(control_characters_never_get_through),
        cmocka_unit_test(errors_are_quoted),
        cmocka_unit_test(a_long_line_is_cut_at_a_whole_character),
        cmocka_unit_test(a_reader_that_went_does_no_harm),
        cmocka_unit_test(clocks_go_forward_and_can_be_shifted),
        cmocka_unit_test(metrics_are_prometheus_text),
        cmocka_unit_test(metrics_of_several_services_are_told_by_each),
        cmocka_unit_test(edges_admit_whom_the_table_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
