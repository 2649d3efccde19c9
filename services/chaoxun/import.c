/* chaoxun import: a CSV file to reports. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/csv.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/registry.h"
#include "services/chaoxun/row_telling.h"

struct telling {
    struct session session;
    struct row_telling rows;
};

static void print_summary(enum error_language language, const struct csv_summary *summary, bool check) {
    const char *pattern = language_pick(language,
                                        "%u rows (%s): %u stored, %u already there, %u amended, %u rejected, "
                                        "%u conflicts, %u notes\n",
                                        "%u 行（%s）：收到 %u，已有 %u，更正 %u，未接收 %u，编号冲突 %u，提示 %u\n");
    if (check) {
        printf(language_pick(language, "%u rows (%s): %u good, %u with faults, %u notes; nothing was sent\n",
                             "%u 行（%s）：正确 %u，有误 %u，提示 %u；未提交\n"),
               summary->rows, summary->encoding, summary->rows - summary->rejected, summary->rejected,
               summary->warnings);
        return;
    }
    printf(pattern, summary->rows, summary->encoding, summary->stored, summary->duplicates, summary->amended,
           summary->rejected, summary->conflicts, summary->warnings);
    if (summary->conflicts > 0) {
        fprintf(stderr, "%s\n",
                language_pick(language,
                              "The 编号 of rows in conflict are taken by other content: --amend corrects them.",
                              "冲突的编号已有另一内容：加 --amend 按更正提交。"));
    }
}

/* ---- the work ---- */

static int print_headers(void) {
    for (const char *const *header = import_headers(); *header; header++) {
        printf("%s\t%s\n", *header, import_header_prose(*header));
    }
    return 0;
}

static int import_bytes(struct telling *telling, struct text bytes, struct csv_summary *summary, struct error *error) {
    const struct options *options = telling->session.options;
    struct registry registry;
    struct client *client = NULL;
    char unit[EVENT_UNIT_MAX + 1] = "";
    int result = registry_load(&registry, &telling->session, error);
    if (result != 0) {
        return result;
    }
    result = registry_option_unit(&registry, option_text(options, "unit"), unit, error);
    if (result == 0 && !option_given(options, "check")) {
        result = session_connect(&telling->session, EDGE_SUBMIT, &client, error);
    }
    if (result == 0) {
        const struct csv_job job = {
            .bytes = bytes,
            .options = {.default_unit = *unit != '\0' ? unit : NULL, .unit = registry_import_unit, .data = &registry},
            .client = client,
            .amend = option_given(options, "amend"),
            .fault = row_tell_faults,
            .refusal = row_tell_refusal,
            .warning = row_tell_note,
            .progress = row_tell_progress,
            .data = &telling->rows};
        result = csv_import(&job, summary, error);
    }
    progress_end(&telling->rows.progress);
    client_close(&client);
    registry_free(&registry);
    return result;
}

static int run_import(const struct options *options) {
    if (option_given(options, "headers")) {
        return print_headers();
    }
    if (options->operand_count == 0) {
        return command_usage(options, "which file? chaoxun import FILE.csv");
    }
    struct telling telling = {.rows = {.header_of = import_header_of, .notes_left = row_notes_shown(options)}};
    struct csv_summary summary;
    struct buffer bytes = {0};
    struct error error;
    int result = file_read(option_operand(options, 0), IMPORT_BYTES_MAX, &bytes, &error);
    if (result == 0) {
        result = session_open(&telling.session, options, option_text(options, "key"),
                              option_text(options, "server-key"), &error);
    }
    telling.rows.language = telling.session.language;
    if (result == 0) {
        struct text text = {(const char *)bytes.data, (uint32_t)bytes.length};
        result = import_bytes(&telling, text, &summary, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    if (result == 0) {
        print_summary(telling.session.language, &summary, option_given(options, "check"));
        status = summary.rejected + summary.conflicts > 0 ? EXIT_REFUSED : 0;
    }
    buffer_free(&bytes);
    session_close(&telling.session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "amend", .kind = OPTION_FLAG, .prose = "a row whose 编号 is taken by other content corrects that report"},
    ROW_OPTIONS,
    SESSION_KEY_OPTIONS,
    {.name = NULL},
};

const struct command command_import = {
    .name = "import",
    .summary = "hand in the reports of a CSV file (UTF-8 or GB18030)",
    .usage = "[OPTION...] FILE.csv | --headers",
    .about =
        "Each row is a report. Rows with faults are named with row and column, the others go in. The same file twice\n"
        "adds nothing. Rows without an answer are sent again under the same id, so that nothing is lost and nothing\n"
        "counts twice when a service dies meanwhile. Exit status 1 when rows were refused.\n",
    .options = rows,
    .operands_max = 1,
    .run = run_import,
};
