/* The pure parts of supervision: backoff, which ends are final, lines of the log, turning its pages, doors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "services/chaoxun/backoff.h"
#include "services/chaoxun/child.h"
#include "services/chaoxun/doors.h"
#include "services/chaoxun/log_line.h"
#include "services/chaoxun/logbook.h"

static void backoff_begins_at_once_and_doubles(void **state) {
    (void)state;
    struct backoff backoff = {0};
    static const int64_t pauses[] = {0, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        assert_int_equal(backoff_next(&backoff, BACKOFF_HEALTHY_MS - 1), pauses[i]);
    }
    assert_int_equal(backoff_next(&backoff, BACKOFF_HEALTHY_MS), 0);
    assert_int_equal(backoff_next(&backoff, 0), 100);
}

static void damage_and_wrong_settings_are_final(void **state) {
    (void)state;
    assert_true(child_end_is_final(EX_DATAERR, 0));
    assert_true(child_end_is_final(2, 0));
    assert_false(child_end_is_final(0, 0));
    assert_false(child_end_is_final(EX_IOERR, 0));
    assert_false(child_end_is_final(EX_SOFTWARE, 0));
    assert_false(child_end_is_final(EX_DATAERR, 9)); /* a signal: the status means nothing */
}

/* ---- lines ---- */

struct heard {
    char text[LOG_LINE_MAX * 3];
    int count;
};

static void hear(void *data, struct text line) {
    struct heard *heard = data;
    heard->count++;
    strncat(heard->text, line.data, line.length);
    strcat(heard->text, "|");
}

static void lines_are_cut_out_of_a_stream(void **state) {
    (void)state;
    struct heard heard = {.count = 0};
    struct line_splitter splitter = {.length = 0};
    line_split(&splitter, "one\ntw", 6, hear, &heard);
    line_split(&splitter, "o\n\n三", 6, hear, &heard);
    assert_string_equal(heard.text, "one|two|");
    line_split_end(&splitter, hear, &heard);
    assert_string_equal(heard.text, "one|two|三|");
    line_split_end(&splitter, hear, &heard);
    assert_int_equal(heard.count, 3);
}

static void a_line_without_end_is_cut(void **state) {
    (void)state;
    struct heard heard = {.count = 0};
    struct line_splitter splitter = {.length = 0};
    char bytes[LOG_LINE_MAX + 10];
    memset(bytes, 'x', sizeof bytes);
    line_split(&splitter, bytes, sizeof bytes, hear, &heard);
    assert_int_equal(heard.count, 1);
    assert_int_equal(splitter.length, 10);
}

static void a_line_gets_its_short_form(void **state) {
    (void)state;
    char out[200];
    struct text line =
        text_of("time=2026-11-24T00:22:02.061Z level=warn service=intake message=\"disk is \\\"full\\\"\" "
                "free=0 path=\"/a b\"");
    assert_int_equal(log_line_level(line), LOG_LEVEL_WARN);
    log_line_shorten(line, "intake", out, sizeof out);
    assert_string_equal(out, "intake: disk is \\\"full\\\" free=0 path=\"/a b\"");
    line = text_of("time=1 level=debug service=portal message=ready");
    assert_int_equal(log_line_level(line), LOG_LEVEL_DEBUG);
    log_line_shorten(line, "portal", out, sizeof out);
    assert_string_equal(out, "portal: ready");
    line = text_of("==12==ERROR: AddressSanitizer");
    assert_int_equal(log_line_level(line), LOG_LEVEL_ERROR);
    log_line_shorten(line, "portal", out, sizeof out);
    assert_string_equal(out, "portal: ==12==ERROR: AddressSanitizer");
    assert_int_equal(log_line_shorten(line, "portal", out, 8), 7);
    assert_int_equal(log_line_level(text_of("time=1 level=\"wa")), LOG_LEVEL_ERROR);
}

/* ---- the logbook ---- */

static long size_of(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 ? (long)facts.st_size : -1;
}

static void pages_turn_and_the_oldest_goes(void **state) {
    (void)state;
    char folder[] = "/tmp/chaoxun-logbook-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[4][80];
    snprintf(path[0], sizeof path[0], "%s/log", folder);
    for (int i = 1; i < 4; i++) {
        snprintf(path[i], sizeof path[i], "%s/log.%d", folder, i);
    }
    struct logbook logbook;
    struct error error;
    assert_int_equal(logbook_open(&logbook, path[0], &error), 0);
    logbook.limit = 100;
    for (int i = 0; i < 40; i++) {
        logbook_write(&logbook, text_of("line of thirty bytes, exactly")); /* 29 and its end */
    }
    assert_int_equal(size_of(path[0]), 30);
    assert_int_equal(size_of(path[1]), 90);
    assert_int_equal(size_of(path[2]), 90);
    assert_int_equal(size_of(path[3]), -1);
    logbook_close(&logbook);
    assert_int_equal(logbook_open(&logbook, path[0], &error), 0);
    assert_int_equal(logbook.size, 30); /* goes on where it was */
    logbook_close(&logbook);
    for (int i = 0; i < 3; i++) {
        unlink(path[i]);
    }
    rmdir(folder);
    assert_int_not_equal(logbook_open(&logbook, path[0], &error), 0);
}

/* ---- doors ---- */

static void a_taken_port_is_found(void **state) {
    (void)state;
    int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    assert_int_equal(bind(taken, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(taken, 1), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&address, &length), 0);
    char port[8];
    snprintf(port, sizeof port, "%d", ntohs(address.sin_port));
    assert_int_equal(door_try("127.0.0.1", port), EADDRINUSE);
    assert_int_equal(door_try("*", port), EADDRINUSE);
    close(taken);
    assert_int_equal(door_try("127.0.0.1", port), 0);
    assert_int_equal(door_try("192.0.2.1", port), EADDRNOTAVAIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backoff_begins_at_once_and_doubles),
        cmocka_unit_test(damage_and_wrong_settings_are_final),
        cmocka_unit_test(lines_are_cut_out_of_a_stream),
        cmocka_unit_test(a_line_without_end_is_cut),
        cmocka_unit_test(a_line_gets_its_short_form),
        cmocka_unit_test(pages_turn_and_the_oldest_goes),
        cmocka_unit_test(a_taken_port_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
