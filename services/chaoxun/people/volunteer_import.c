/* chaoxun volunteer import: a roster to enrolments, updates and leavings. */
#include <stdio.h>

#include "common/clock.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/people/roster_import.h"
#include "services/chaoxun/registry.h"

static int print_headers(void) {
    uint32_t count;
    const struct header_row *rows = volunteer_sheet_headers(&count);
    for (uint32_t i = 0; i < count; i++) {
        printf("%s\t%s\n", rows[i].header, rows[i].prose);
    }
    return 0;
}

static void print_summary(const struct volunteer_sheet *sheet, const struct roster_summary *summary, bool check,
                          enum error_language language) {
    printf(language_pick(language,
                         "%u rows (%s): %u enrolled, %u updated, %u left, %u unchanged, %u rejected, %u notes%s\n",
                         "%u 行（%s）：新登记 %u，更新 %u，离开 %u，没有变化 %u，未接收 %u，提示 %u%s\n"),
           summary->rows, volunteer_sheet_encoding(sheet), summary->enrolled, summary->updated, summary->left,
           summary->unchanged, summary->rejected, summary->notes,
           !check ? "" : language_pick(language, "; nothing was sent", "；未提交"));
}

static void tell_left_out(const struct volunteer_sheet *sheet, enum error_language language) {
    char headers[400];
    volunteer_sheet_left_out(sheet, headers, sizeof headers);
    if (*headers != '\0') {
        fprintf(stderr, language_pick(language, "left out, because it is not kept: %s\n", "这些列不保存，未导入：%s\n"),
                headers);
    }
}

static int import(const struct session *session, struct registry *registry, struct text bytes,
                  struct roster_summary *summary, struct error *error) {
    const struct options *options = session->options;
    struct row_telling telling = {
        .language = session->language, .header_of = volunteer_sheet_header_of, .notes_left = row_notes_shown(options)};
    struct volunteer_sheet *sheet = NULL;
    char unit[EVENT_UNIT_MAX + 1];
    int result = registry_option_unit(registry, option_text(options, "unit"), unit, error);
    if (result < 0) {
        return result;
    }
    const struct volunteer_sheet_options reading = {.default_unit = *unit != '\0' ? unit : NULL,
                                                    .unit = registry_import_unit,
                                                    .data = registry,
                                                    .today =
                                                        day_of_time(clock_now(), (int32_t)session_utc_offset(session))};
    result = volunteer_sheet_open(&sheet, bytes, &reading, error);
    if (result < 0) {
        return result;
    }
    const struct roster_job job = {
        .session = session, .sheet = sheet, .check = option_given(options, "check"), .telling = &telling};
    tell_left_out(sheet, session->language);
    result = roster_import(&job, summary, error);
    progress_end(&telling.progress);
    if (result == 0) {
        print_summary(sheet, summary, job.check, session->language);
    }
    volunteer_sheet_close(&sheet);
    return result;
}

static int run_import(const struct options *options) {
    if (option_given(options, "headers")) {
        return print_headers();
    }
    if (options->operand_count == 0) {
        return command_usage(options, "which file? chaoxun volunteer import FILE.csv");
    }
    struct session session = {0};
    struct registry registry = {0};
    struct roster_summary summary = {0};
    struct buffer bytes = {0};
    struct error error;
    int result = file_read(option_operand(options, 0), IMPORT_BYTES_MAX, &bytes, &error);
    if (result == 0) {
        result =
            session_open(&session, options, option_text(options, "key"), option_text(options, "server-key"), &error);
    }
    if (result == 0) {
        result = registry_load(&registry, &session, &error);
    }
    if (result == 0) {
        struct text text = {(const char *)bytes.data, (uint32_t)bytes.length};
        result = import(&session, &registry, text, &summary, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : summary.rejected > 0 ? EXIT_REFUSED : 0;
    registry_free(&registry);
    buffer_free(&bytes);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    ROW_OPTIONS,
    SESSION_KEY_OPTIONS,
    {.name = NULL},
};

const struct command command_volunteer_import = {
    .name = "volunteer import",
    .summary = "enrol, update and see off the volunteers of a roster (CSV, UTF-8 or GB18030)",
    .usage = "[OPTION...] FILE.csv | --headers",
    .about =
        "Each row is a volunteer, known by 编号 within the squad. Who is new is enrolled; cells that differ from the\n"
        "record update it, empty cells and missing rows change nothing; a row with 离开日期 leaves its squad. So the "
        "same\n"
        "file twice adds nothing. Rows with faults are named with row and column, the others go in. Who was erased "
        "does\n"
        "not come back by an old list. Exit status 1 when rows were refused.\n",
    .options = rows,
    .operands_max = 1,
    .run = run_import,
};
