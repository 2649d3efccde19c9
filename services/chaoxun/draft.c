/* chaoxun draft: a report written as a message, read into the event that it gives. */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/draft/draft.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/registry.h"

#define ARENA_BYTES (4 * 1024 * 1024)
#define INPUT_BYTES_MAX 65536
#define ANSWER_BYTES 64

/* What is told stands on standard error, so that the event alone goes down a pipe. */
static int tell_understood(const struct draft *draft, enum error_language language, struct error *error) {
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    grid_column(grid, language_pick(language, "understood", "看懂"), GRID_LEFT);
    grid_column(grid, language_pick(language, "from the words", "原文"), GRID_LEFT);
    for (uint32_t i = 0; i < draft->understood_count; i++) {
        grid_cell(grid, text_of(draft_header(draft->understood[i].field)));
        grid_cell(grid, draft->understood[i].words);
    }
    grid_print(grid, stderr);
    grid_destroy(&grid);
    return 0;
}

static void tell_rest(const struct draft *draft, enum error_language language) {
    for (uint32_t i = 0; i < draft->unknown_count; i++) {
        fprintf(stderr, "%s%.*s\n", language_pick(language, "not understood: ", "没看懂："),
                (int)draft->unknown[i].length, draft->unknown[i].data);
    }
    for (uint32_t i = 0; i < draft->warnings; i++) {
        fprintf(stderr, "%s%s\n", language_pick(language, "note: ", "提示："), draft->warning[i]);
    }
    for (uint32_t i = 0; i < draft->faults.count; i++) {
        char text[ERROR_TEXT_MAX];
        fault_render(&draft->faults.items[i], language, text, sizeof text);
        fprintf(stderr, "%s%s\n", language_pick(language, "to be put right: ", "需要补正："), text);
    }
}

static int print_document(const struct draft *draft, struct arena *arena, bool whole, struct error *error) {
    json_t *document = draft_document(draft, arena);
    char *text = document ? json_dumps(whole ? document : json_object_get(document, "event"), JSON_COMPACT) : NULL;
    json_decref(document);
    if (!text) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    printf("%s\n", text);
    free(text);
    return 0;
}

/* Asks on the terminal when the text itself came by standard input. */
static bool confirmed(bool piped, enum error_language language) {
    static const char *const yes[] = {"y\n", "Y\n", "yes\n", "1\n", "是\n"};
    char answer[ANSWER_BYTES] = "";
    FILE *from = piped ? fopen("/dev/tty", "re") : stdin;
    fputs(language_pick(language, "Hand it in? [y/N] ", "提交吗？[y/N] "), stderr);
    bool read = from && fgets(answer, sizeof answer, from);
    if (piped && from) {
        fclose(from);
    }
    for (size_t i = 0; i < sizeof yes / sizeof *yes && read; i++) {
        if (strcmp(answer, yes[i]) == 0) {
            return true;
        }
    }
    fprintf(stderr, "%s\n", language_pick(language, "Nothing was handed in.", "没有提交。"));
    return false;
}

struct drafting {
    const struct options *options;
    struct buffer input;
    bool piped;
    int status;
};

static int read_draft(const struct session *session, struct drafting *drafting, struct arena *arena,
                      struct draft *draft, struct error *error) {
    struct registry registry;
    struct text text;
    char unit[EVENT_UNIT_MAX + 1] = "";
    struct text bytes = {(const char *)drafting->input.data, (uint32_t)drafting->input.length};
    int result = draft_text(bytes, arena, &text, error);
    result = result < 0 ? result : registry_load(&registry, session, error);
    if (result < 0) {
        return result;
    }
    result = registry_option_unit(&registry, option_text(drafting->options, "unit"), unit, error);
    if (result == 0) {
        const struct draft_options options = {.today = day_of_time(clock_now(), (int32_t)session_utc_offset(session)),
                                              .default_unit = *unit != '\0' ? unit : NULL,
                                              .unit = registry_import_unit,
                                              .data = &registry};
        result = draft_read(text, &options, arena, draft, error);
    }
    registry_free(&registry);
    return result;
}

static int work(const struct session *session, void *data, struct arena *arena, struct error *error) {
    struct drafting *drafting = data;
    struct draft *draft = arena_alloc(arena, sizeof *draft);
    bool json = option_given(drafting->options, "json");
    bool submit = option_given(drafting->options, "submit");
    if (!draft) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = read_draft(session, drafting, arena, draft, error);
    if (result == 0 && !json) {
        result = tell_understood(draft, session->language, error);
        tell_rest(draft, session->language);
    }
    if (result == 0 && !submit) {
        result = print_document(draft, arena, json, error);
    }
    if (result < 0) {
        return result;
    }
    drafting->status = faults_any(&draft->faults) ? EXIT_REFUSED : 0;
    if (submit && drafting->status == 0) {
        bool yes = confirmed(drafting->piped, session->language);
        drafting->status = yes ? receipt_submit(session, &draft->event) : EXIT_REFUSED;
    }
    return 0;
}

static int run_draft(const struct options *options) {
    struct drafting drafting = {.options = options};
    struct error error;
    const char *text = option_operand(options, 0);
    drafting.piped = !text || strcmp(text, "-") == 0;
    int result = 0;
    if (drafting.piped) {
        result = file_read("-", INPUT_BYTES_MAX, &drafting.input, &error);
    } else {
        buffer_append_string(&drafting.input, text);
    }
    int status = result < 0 ? command_fail(options, &error) : session_run(options, ARENA_BYTES, work, &drafting);
    buffer_free(&drafting.input);
    return status != 0 ? status : drafting.status;
}

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "UNIT", .prose = "the squad, where the text names none"},
    {.name = "submit", .kind = OPTION_FLAG, .prose = "hand the report in, after a yes"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "the event and what was understood, as one document"},
    SESSION_KEY_OPTIONS,
    {.name = NULL},
};

const struct command command_draft = {
    .name = "draft",
    .summary = "read a report that was written as a message",
    .usage = "[OPTION...] [TEXT|-]",
    .about = "Tells on standard error what was understood, from which words, and what was not: that fills nothing. The "
             "event\n"
             "stands on standard output; the same text gives the same id, so that it counts once. UTF-8 or GB18030.\n"
             "Example:\n"
             "  chaoxun draft '许村志愿中队 清洁家园 昨天上午 河西社区 20余人 3小时 清理牛皮癣200处' | chaoxun submit\n"
             "  chaoxun draft --unit xucun --submit '文明养犬 5月3日 西山公园 近30人 9:00-11:30 劝导15起'\n",
    .options = rows,
    .operands_max = 1,
    .run = run_draft,
};
