/* chaoxun quiet show, set: the hours in which only urgent messages go out. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/rules.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define ASK_MS 10000

static void print(const struct session *session, const struct wire_silences_answer *answer) {
    char until[MOMENT_TEXT_SIZE];
    enum error_language language = session->language;
    bool office = text_equal(answer->quiet_by, text_of("office"));
    printf("%.*s  %s\n", (int)answer->quiet_hours.length, answer->quiet_hours.data,
           office ? language_pick(language, "set by the office", "办公室设定")
                  : language_pick(language, "the service's setting", "服务设置"));
    if (answer->quiet_until > 0) {
        moment_format(answer->quiet_until, session_utc_offset(session), until);
        printf(language_pick(language, "now, until %s\n", "现在免打扰，到 %s\n"), until);
    }
    printf(language_pick(language, "messages held until a time: %lld\n", "到时再发的消息：%lld 条\n"),
           (long long)answer->held);
}

static int show(const struct session *session, struct arena *arena, struct error *error) {
    struct wire_silences_query query = {.at_least = rules_head(session, arena)};
    struct wire_silences_answer answer;
    query.present |= (uint64_t)(query.at_least.length > 0) << FIELD_silences_query_at_least;
    int result = session_ask_shape(session, EDGE_OUTBOX, "silences", ASK_MS, SHAPE_silences_query, &query,
                                   SHAPE_silences_answer, arena, &answer, error);
    if (result == 0) {
        answer.quiet_until = wire_has(answer.present, FIELD_silences_answer_quiet_until) ? answer.quiet_until : 0;
        print(session, &answer);
    }
    return result;
}

static int run_show(const struct options *options) {
    struct session session = {0};
    struct error error;
    struct arena *arena = arena_create(ARENA_BYTES);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    result = result < 0 ? result : show(&session, arena, &error);
    int status = result != 0 ? command_fail(options, &error) : 0;
    arena_destroy(&arena);
    session_close(&session);
    return status;
}

const struct command command_quiet_show = {
    .name = "quiet show",
    .summary = "the quiet hours in force, and how many messages wait",
    .usage = "",
    .about = NULL,
    .options = NULL,
    .run = run_show,
};

static int run_set(const struct options *options) {
    struct session session = {0};
    struct error error;
    union event_body body = {0};
    const char *unit = option_text(options, "unit");
    if (!unit) {
        return command_usage(options, "--unit PATH is needed: the brigade");
    }
    body.setting = (struct wire_setting){.name = text_of("quiet-hours"), .value = text_of(option_operand(options, 0))};
    wire_set(&body.setting.present, FIELD_setting_name);
    wire_set(&body.setting.present, FIELD_setting_value);
    int result = session_open(&session, options, NULL, NULL, &error);
    struct event event = event_now(EVENT_SETTING_SET, text_of(unit), &body);
    int status = result != 0 ? command_fail(options, &error) : receipt_submit(&session, &event);
    session_close(&session);
    return status;
}

static const struct option_row set_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "the brigade, for which they hold"},
    {.name = NULL},
};

const struct command command_quiet_set = {
    .name = "quiet set",
    .summary = "the office sets the quiet hours",
    .usage = "HOURS --unit PATH",
    .about =
        "HOURS are two times (22:00-07:00), off for none, or default for what the service's setting quiet-hours says.\n"
        "What is held for them is looked at again at once; urgent messages go out in spite of them.\n"
        "Example: chaoxun quiet set 21:30-06:30 --unit haining\n",
    .options = set_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_set,
};
