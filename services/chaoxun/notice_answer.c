/* chaoxun notice read, confirm, answer, recall: what somebody says of a notice, handed in as an event. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/delivery.h"
#include "services/chaoxun/receipts.h"

#define ARENA_BYTES (64 * 1024 * 1024)

struct saying {
    struct session session;
    struct arena *arena;
    struct id notice;
    enum event_type type;
};

/* For which unit it is said: --unit; of a recall, who issued the notice; else the one unit that it is for. */
static int find_unit(const struct saying *saying, struct text *unit, struct error *error) {
    struct wire_notice_status status;
    const char *given = option_text(saying->session.options, "unit");
    *unit = text_of(given ? given : "");
    if (given) {
        return 0;
    }
    int result = delivery_ask_head(&saying->session, &saying->notice, NULL, saying->arena, &status, error);
    if (result != 0 || status.notice.count != 1) {
        return result != 0 ? result : error_set(error, ERR_NOT_FOUND, (struct error_words){.value = "the notice"});
    }
    const struct wire_notice_entry *notice = status.notice.items;
    if (saying->type == EVENT_NOTICE_RECALLED) {
        *unit = notice->unit;
        return 0;
    }
    if (notice->units.count != 1) {
        return error_setf(error, ERR_USAGE, "--unit PATH is needed: the notice is for %u units", notice->units.count);
    }
    *unit = *(const struct text *)notice->units.items;
    return 0;
}

static void fill_body(const struct saying *saying, const char *answer, union event_body *body) {
    *body = (union event_body){0};
    if (saying->type != EVENT_NOTICE_ANSWERED) {
        body->notice_step.notice = saying->notice;
        wire_set(&body->notice_step.present, FIELD_notice_step_notice);
        return;
    }
    body->notice_answer.notice = saying->notice;
    wire_set(&body->notice_answer.present, FIELD_notice_answer_notice);
    if (answer) {
        body->notice_answer.text = text_of(answer);
        wire_set(&body->notice_answer.present, FIELD_notice_answer_text);
    }
}

/* The exit status. */
static int say(struct saying *saying, const char *answer) {
    union event_body body;
    struct error error;
    struct text unit;
    const struct options *options = saying->session.options;
    if (find_unit(saying, &unit, &error) != 0) {
        return command_fail(options, &error);
    }
    const char *by = option_text(options, "by");
    fill_body(saying, answer, &body);
    struct event event = event_now(saying->type, unit, &body);
    event.by = by ? text_of(by) : (struct text){0};
    event.has_side = answer != NULL;
    return receipt_submit(&saying->session, &event);
}

static int run(const struct options *options, enum event_type type, const char *answer) {
    struct saying saying = {.type = type};
    struct error error;
    if (!id_parse(text_of(option_operand(options, 0)), &saying.notice)) {
        return command_usage(options, "%.60s is not the id of a notice", option_operand(options, 0));
    }
    saying.arena = arena_create(ARENA_BYTES);
    int result = saying.arena ? session_open(&saying.session, options, NULL, NULL, &error)
                              : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    int status = result != 0 ? command_fail(options, &error) : say(&saying, answer);
    arena_destroy(&saying.arena);
    session_close(&saying.session);
    return status;
}

static int run_read(const struct options *options) {
    return run(options, EVENT_NOTICE_READ, NULL);
}

static int run_confirm(const struct options *options) {
    return run(options, EVENT_NOTICE_CONFIRMED, NULL);
}

static int run_answer(const struct options *options) {
    return run(options, EVENT_NOTICE_ANSWERED, option_operand(options, 1));
}

static int run_recall(const struct options *options) {
    return run(options, EVENT_NOTICE_RECALLED, NULL);
}

static const struct option_row rows[] = {
    {.name = "unit",
     .kind = OPTION_TEXT,
     .word = "PATH",
     .prose = "for which unit (default: the one that the notice is for; of a recall, who issued it)"},
    {.name = "by", .kind = OPTION_TEXT, .word = "NUMBER", .prose = "number of the person who said so"},
    {.name = NULL},
};

const struct command command_notice_read = {
    .name = "notice read",
    .summary = "a unit has read a notice: it is not reminded any more",
    .usage = "ID [OPTION...]",
    .about =
        "Read, confirmed and answered are separate facts, and each stands from its first time: again harms nothing.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_read,
};

const struct command command_notice_confirm = {
    .name = "notice confirm",
    .summary = "a unit confirms a notice or an alert: it does not escalate further",
    .usage = "ID [OPTION...]",
    .about = "For who confirmed by telephone, and for scripts; a squad does it on the page of notices.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_confirm,
};

const struct command command_notice_answer = {
    .name = "notice answer",
    .summary = "a unit answers a notice or an alert",
    .usage = "ID [TEXT] [OPTION...]",
    .about = "The last answer of each person is shown by chaoxun notice status. Others can see the words of a command "
             "line.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 2,
    .run = run_answer,
};

const struct command command_notice_recall = {
    .name = "notice recall",
    .summary = "a notice no longer holds: what was not sent is cancelled",
    .usage = "ID [OPTION...]",
    .about = "What was sent stays sent, and is shown so: tell whom it reached. Nobody is reminded of it any more. The "
             "office\n"
             "alone may do this, once.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_recall,
};
