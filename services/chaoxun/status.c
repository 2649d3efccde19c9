/* chaoxun status: is everything ready, where does it stand, how much memory does it take. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/clock.h"
#include "proto/json.h"
#include "proto/position.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/services.h"

#define ARENA_BYTES (4 * 1024 * 1024)
#define ANSWER_MS 1000
#define PAUSE_MS 50
#define MIB (1024.0 * 1024.0)

struct report {
    struct session session;
    struct arena *arena;
    struct grid *grid;
    json_t *list;
    const struct service_row *only; /* NULL: every service that is installed */
    bool silent;
    bool not_ready;
};

static uint64_t seq_of(struct text position) {
    struct position parsed = {0};
    position_parse(position, &parsed, NULL);
    return parsed.seq;
}

static void add_silent(struct report *report, const struct service_row *row, const struct error *error) {
    report->silent = true;
    if (report->list) {
        json_array_append_new(report->list,
                              json_pack("{s:s, s:b, s:s}", "service", row->name, "ready", 0, "reason", error->text));
        return;
    }
    grid_cell(report->grid, text_of(row->name));
    grid_cell(report->grid, text_of(language_pick(report->session.language, "no answer", "无响应")));
    grid_cell(report->grid, text_of("-"));
    grid_cell(report->grid, text_of("-"));
    grid_cell(report->grid, text_of(""));
}

static void add_answer(struct report *report, const struct wire_status_answer *answer) {
    int64_t memory = service_metric(answer, "chaoxun_memory_bytes");
    uint64_t seq = seq_of(answer->position);
    report->not_ready = report->not_ready || !answer->ready;
    if (report->list) {
        json_t *one = json_from_shape(shape_of(SHAPE_status_answer), answer);
        json_object_del(one, "metrics");
        json_object_set_new(one, "seq", json_integer((json_int_t)seq));
        json_object_set_new(one, "memory", json_integer(memory));
        json_array_append_new(report->list, one);
        return;
    }
    grid_cell(report->grid, answer->service);
    grid_cell(report->grid, text_of(answer->ready ? language_pick(report->session.language, "ready", "就绪")
                                                  : language_pick(report->session.language, "not ready", "未就绪")));
    if (answer->position.length > 0) {
        grid_cellf(report->grid, "%" PRIu64, seq);
    } else {
        grid_cell(report->grid, text_of("-")); /* the portal holds no events */
    }
    grid_cellf(report->grid, "%.1f MiB", (double)memory / MIB);
    grid_cell(report->grid, answer->reason);
}

static void ask(struct report *report, const struct service_row *row) {
    struct wire_status_answer answer;
    struct error error;
    arena_reset(report->arena);
    if (service_status(&report->session, row, ANSWER_MS, report->arena, &answer, &error) == 0) {
        add_answer(report, &answer);
    } else {
        add_silent(report, row, &error);
    }
}

static void ask_all(struct report *report) {
    const struct service_row *rows[SERVICES_MAX] = {report->only};
    uint32_t count = report->only ? 1 : service_installed(rows);
    for (uint32_t i = 0; i < count; i++) {
        ask(report, rows[i]);
    }
}

static bool begin(struct report *report, bool json) {
    report->silent = false;
    report->not_ready = false;
    if (json) {
        report->list = json_array();
        return report->list != NULL;
    }
    report->grid = grid_create();
    if (report->grid) {
        enum error_language language = report->session.language;
        grid_column(report->grid, language_pick(language, "service", "服务"), GRID_LEFT);
        grid_column(report->grid, language_pick(language, "state", "状态"), GRID_LEFT);
        grid_column(report->grid, language_pick(language, "position", "位置"), GRID_RIGHT);
        grid_column(report->grid, language_pick(language, "memory", "内存"), GRID_RIGHT);
        grid_column(report->grid, language_pick(language, "why", "原因"), GRID_LEFT);
    }
    return report->grid != NULL;
}

static void finish(struct report *report, bool print) {
    if (print && report->list) {
        json_dumpf(report->list, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    if (print && report->grid) {
        grid_print(report->grid, stdout);
    }
    json_decref(report->list);
    report->list = NULL;
    grid_destroy(&report->grid);
}

static int open_report(struct report *report, const struct options *options, struct error *error) {
    const char *service = option_text(options, "service");
    report->only = service ? service_find(service) : NULL;
    if (service && !report->only) {
        return error_setf(error, ERR_USAGE, "there is no service %.40s", service);
    }
    report->arena = arena_create(ARENA_BYTES);
    return report->arena ? session_open(&report->session, options, option_text(options, "key"),
                                        option_text(options, "server-key"), error)
                         : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int run_status(const struct options *options) {
    struct report report = {.only = NULL};
    struct error error;
    int result = open_report(&report, options, &error);
    int64_t until_us = clock_monotonic_us() + 1000000 * option_int(options, "wait", 0);
    bool again = result == 0;
    while (again) {
        if (!begin(&report, option_given(options, "json"))) {
            result = error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
            break;
        }
        ask_all(&report);
        again = (report.silent || report.not_ready) && clock_monotonic_us() < until_us;
        finish(&report, !again);
        if (again) {
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        }
    }
    int status = result != 0        ? command_fail(options, &error)
                 : report.silent    ? EXIT_UNREACHABLE
                 : report.not_ready ? EXIT_LATER
                                    : 0;
    arena_destroy(&report.arena);
    session_close(&report.session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "service", .kind = OPTION_TEXT, .word = "NAME", .prose = "ask this one only"},
    {.name = "wait",
     .kind = OPTION_INT,
     .word = "SECONDS",
     .prose = "wait so long for everything to be ready",
     .min = 0,
     .max = 3600},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    SESSION_KEY_OPTIONS,
    {.name = NULL},
};

const struct command command_status = {
    .name = "status",
    .summary = "is everything ready, where does it stand, how much memory does it take",
    .usage = "[OPTION...]",
    .about =
        "Asks each service at its control door. Exit status 0 when all are ready, 75 when one is not yet, 69 when one\n"
        "does not answer. A service may be asked with its own key, for a health check that holds no other:\n"
        "chaoxun status --service intake --key keys/intake.key\n",
    .options = rows,
    .run = run_status,
};
