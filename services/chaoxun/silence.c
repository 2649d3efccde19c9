/* chaoxun silence set, list, end: times in which rules say nothing. */
#include <stdio.h>

#include "common/words.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/figures.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/rules.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define ASK_MS 10000

/* ---- list ---- */

static int run_list(const struct options *options) {
    static const struct figures figures = {EDGE_OUTBOX,           "silences", SHAPE_silences_query,
                                           SHAPE_silences_answer, "rows",     "state"};
    return figures_run(&figures, options);
}

static const struct option_row list_rows[] = {
    {.name = "all", .kind = OPTION_FLAG, .prose = "also those that are over"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV"},
    {.name = NULL},
};

const struct command command_silence_list = {
    .name = "silence list",
    .summary = "the silences that hold or are to come: whose, of what, until when, why",
    .usage = "[OPTION...]",
    .about = "What a silence holds back goes out when it ends; chaoxun notice status says so of each message.\n",
    .options = list_rows,
    .run = run_list,
};

/* ---- set, end ---- */

struct silencing {
    struct session session;
    struct arena *arena;
    struct text unit;
    struct event event;
    union event_body body;
};

static int read_moment(const struct silencing *silencing, const char *name, int64_t *at, struct error *error) {
    const char *given = option_text(silencing->session.options, name);
    if (moment_parse(text_of(given), silencing->event.at, session_utc_offset(&silencing->session), at)) {
        return 0;
    }
    return error_setf(error, ERR_USAGE, "--%s: %.40s is not a time like \"2026-11-23 18:00\" or +12h", name, given);
}

/* A text option into a field. */
static void take_text(const struct silencing *silencing, const char *name, struct text *text, uint64_t *present,
                      unsigned field) {
    const char *given = option_text(silencing->session.options, name);
    if (given) {
        *text = text_of(given);
        wire_set(present, field);
    }
}

static int fill_set(struct silencing *silencing, struct error *error) {
    const struct options *options = silencing->session.options;
    struct wire_silence *body = &silencing->body.silence;
    const char *units = option_text(options, "units");
    silencing->unit = text_of(option_text(options, "unit"));
    body->silence = text_of(option_operand(options, 0));
    body->from = silencing->event.at;
    body->urgent = option_given(options, "urgent");
    wire_set(&body->present, FIELD_silence_silence);
    wire_set(&body->present, FIELD_silence_from);
    wire_set(&body->present, FIELD_silence_until);
    body->present |= (uint64_t)body->urgent << FIELD_silence_urgent;
    take_text(silencing, "rule", &body->rule, &body->present, FIELD_silence_rule);
    take_text(silencing, "reason", &body->reason, &body->present, FIELD_silence_reason);
    if (units) {
        wire_set(&body->present, FIELD_silence_units);
        if (!words_split(text_of(units), silencing->arena, &body->units)) {
            return error_setf(error, ERR_USAGE, "--units: %.60s is not a list of paths, separated by commas", units);
        }
    }
    int result = option_given(options, "from") ? read_moment(silencing, "from", &body->from, error) : 0;
    return result < 0 ? result : read_moment(silencing, "until", &body->until, error);
}

static int find(const struct silencing *silencing, struct wire_silence_entry *entry, struct error *error) {
    const char *name = option_operand(silencing->session.options, 0);
    struct wire_silences_query query = {.all = true, .at_least = rules_head(&silencing->session, silencing->arena)};
    struct wire_silences_answer answer;
    wire_set(&query.present, FIELD_silences_query_all);
    query.present |= (uint64_t)(query.at_least.length > 0) << FIELD_silences_query_at_least;
    int result = session_ask_shape(&silencing->session, EDGE_OUTBOX, "silences", ASK_MS, SHAPE_silences_query, &query,
                                   SHAPE_silences_answer, silencing->arena, &answer, error);
    const struct wire_silence_entry *items = answer.rows.items;
    for (uint32_t i = 0; result == 0 && i < answer.rows.count; i++) {
        if (text_equal(items[i].silence, text_of(name))) {
            *entry = items[i];
            return 0;
        }
    }
    return result < 0
               ? result
               : error_setf(error, ERR_NOT_FOUND, "silence %.60s does not exist; see chaoxun silence list", name);
}

/* The same once more, with an end that is now. */
static int fill_end(struct silencing *silencing, struct error *error) {
    struct wire_silence *body = &silencing->body.silence;
    struct wire_silence_entry entry = {0};
    int result = find(silencing, &entry, error);
    if (result < 0) {
        return result;
    }
    if (entry.until <= silencing->event.at) {
        return error_setf(error, ERR_USAGE, "silence %.60s is over already",
                          option_operand(silencing->session.options, 0));
    }
    bool removed = entry.reason.length == 0;
    silencing->unit = entry.unit;
    *body = (struct wire_silence){.silence = entry.silence,
                                  .from = entry.from < silencing->event.at ? entry.from : silencing->event.at,
                                  .until = silencing->event.at,
                                  .rule = entry.rule,
                                  .units = entry.units,
                                  .urgent = entry.urgent,
                                  .reason = removed ? text_of("提前结束") : entry.reason};
    body->present =
        UINT64_C(1) << FIELD_silence_silence | UINT64_C(1) << FIELD_silence_from | UINT64_C(1) << FIELD_silence_until |
        UINT64_C(1) << FIELD_silence_reason | (uint64_t)(entry.rule.length > 0) << FIELD_silence_rule |
        (uint64_t)(entry.units.count > 0) << FIELD_silence_units | (uint64_t)entry.urgent << FIELD_silence_urgent;
    return 0;
}

static int run_with(const struct options *options, int (*fill)(struct silencing *silencing, struct error *error)) {
    struct silencing silencing = {.arena = arena_create(ARENA_BYTES)};
    struct error error;
    int result = silencing.arena ? session_open(&silencing.session, options, NULL, NULL, &error)
                                 : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    silencing.event = event_now(EVENT_SILENCE_SET, (struct text){0}, &silencing.body);
    result = result != 0 ? result : fill(&silencing, &error);
    silencing.event.unit = silencing.unit;
    silencing.event.has_side = true;
    int status = result != 0 ? command_fail(options, &error) : receipt_submit(&silencing.session, &silencing.event);
    session_close(&silencing.session);
    arena_destroy(&silencing.arena);
    return status;
}

static int run_set(const struct options *options) {
    static const char *const needed[] = {"unit", "until", "reason"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!option_text(options, needed[i])) {
            return command_usage(options, "--%s is needed", needed[i]);
        }
    }
    return run_with(options, fill_set);
}

static int run_end(const struct options *options) {
    return run_with(options, fill_end);
}

static const struct option_row set_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "for this unit and what lies under it"},
    {.name = "until",
     .kind = OPTION_TEXT,
     .word = "WHEN",
     .prose = "its end: \"2026-11-23 18:00\", 2026-11-23 (the end of that day), +12h; at most 400 days"},
    {.name = "reason", .kind = OPTION_TEXT, .word = "TEXT", .prose = "why, for whoever wonders"},
    {.name = "from", .kind = OPTION_TEXT, .word = "WHEN", .prose = "its begin (default: now)"},
    {.name = "rule", .kind = OPTION_TEXT, .word = "CODE", .prose = "only this rule (default: all)"},
    {.name = "units", .kind = OPTION_TEXT, .word = "PATHS", .prose = "only these units, separated by commas"},
    {.name = "urgent", .kind = OPTION_FLAG, .prose = "urgent alerts too (default: they go out all the same)"},
    {.name = NULL},
};

const struct command command_silence_set = {
    .name = "silence set",
    .summary = "rules say nothing for a while",
    .usage = "NAME --unit PATH --until WHEN --reason TEXT [OPTION...]",
    .about =
        "Alerts are raised all the same; their messages are held until the end, and go then, unless what they are\n"
        "about is over. Whoever sets it is its owner. Set again under the same name it is changed. Notices that\n"
        "people write are not silenced.\n"
        "Example: chaoxun silence set typhoon --unit haining --until +12h --reason 防汛\n",
    .options = set_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_set,
};

const struct command command_silence_end = {
    .name = "silence end",
    .summary = "a silence ends now: what it held goes out",
    .usage = "NAME",
    .about = NULL,
    .options = NULL,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_end,
};
