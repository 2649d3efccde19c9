/* chaoxun notice resend: what did not reach anybody is sent again. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/delivery.h"
#include "services/chaoxun/receipts.h"

#define ARENA_BYTES (64 * 1024 * 1024)

struct resending {
    struct session session;
    struct arena *arena;
    struct id notice;
    union event_body body;
};

static int read_options(struct resending *resending, const struct options *options, struct error *error) {
    struct wire_notice_resending *body = &resending->body.notice_resending;
    const char *person = option_text(options, "person");
    const char *channel = option_text(options, "channel");
    body->notice = resending->notice;
    wire_set(&body->present, FIELD_notice_resending_notice);
    if (person) {
        body->person = text_of(person);
        wire_set(&body->present, FIELD_notice_resending_person);
    }
    if (channel) {
        body->channel = word_find(KIND_CHANNEL, text_of(channel));
        wire_set(&body->present, FIELD_notice_resending_channel);
        if (body->channel < 0) {
            return error_setf(error, ERR_USAGE, "--channel: %.40s is not sms, email, robot or govding", channel);
        }
    }
    return 0;
}

/* Whether a message would be sent again, as the notifier will decide it. */
static bool goes_again(const struct wire_notice_resending *body, const struct wire_delivery_row *row) {
    bool over = row->state == DELIVERY_DEAD || row->state == DELIVERY_UNDELIVERED || row->state == DELIVERY_EXPIRED ||
                (row->state == DELIVERY_HELD && row->next_at == 0);
    return over && (body->person.length == 0 || text_equal(body->person, row->person)) &&
           (!wire_has(body->present, FIELD_notice_resending_channel) || body->channel == row->channel);
}

/* Who issued the notice has it sent again. -ERR_NOT_FOUND when nothing of it would be. */
static int look(struct resending *resending, struct event *event, struct error *error) {
    struct wire_notice_status status;
    int result = delivery_ask(&resending->session, &resending->notice, NULL, resending->arena, &status, error);
    const struct wire_delivery_row *rows = status.rows.items;
    int64_t count = 0;
    if (result != 0) {
        return result;
    }
    for (uint32_t i = 0; i < status.rows.count; i++) {
        count += goes_again(&resending->body.notice_resending, &rows[i]);
    }
    if (count == 0) {
        return error_setf(error, ERR_USAGE,
                          "no such message is dead, undelivered, expired or held for a person: nothing to send again");
    }
    const struct wire_notice_entry *notice = status.notice.items;
    *event = event_now(EVENT_NOTICE_RESENT, notice->unit, &resending->body);
    printf(language_pick(resending->session.language, "%lld messages are sent again\n", "将再次发送 %lld 条消息\n"),
           (long long)count);
    return 0;
}

static int submit(struct resending *resending, const struct event *event) {
    char position[POSITION_TEXT_SIZE] = "";
    struct wire_notice_status status;
    int result = receipt_submit_at(&resending->session, event, position);
    if (result == 0 &&
        delivery_ask_head(&resending->session, &resending->notice, position, resending->arena, &status, NULL) == 0) {
        delivery_print_sums(&resending->session, &status, stdout);
    }
    return result;
}

static int run_resend(const struct options *options) {
    struct resending resending = {.arena = arena_create(ARENA_BYTES)};
    struct event event;
    struct error error;
    bool narrowed = option_text(options, "person") || option_text(options, "channel");
    if (!id_parse(text_of(option_operand(options, 0)), &resending.notice)) {
        arena_destroy(&resending.arena);
        return command_usage(options, "%.60s is not the id of a notice", option_operand(options, 0));
    }
    if (narrowed == option_given(options, "all")) {
        arena_destroy(&resending.arena);
        return command_usage(options, "either --all, or --person NUMBER, --channel CHANNEL or both");
    }
    int result = resending.arena ? read_options(&resending, options, &error)
                                 : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    result = result != 0 ? result : session_open(&resending.session, options, NULL, NULL, &error);
    result = result != 0 ? result : look(&resending, &event, &error);
    int status = result != 0 ? command_fail(options, &error) : submit(&resending, &event);
    session_close(&resending.session);
    arena_destroy(&resending.arena);
    return status;
}

static const struct option_row resend_rows[] = {
    {.name = "person", .kind = OPTION_TEXT, .word = "NUMBER", .prose = "only the messages to this recipient"},
    {.name = "channel", .kind = OPTION_TEXT, .word = "CHANNEL", .prose = "only those by sms, email, robot or govding"},
    {.name = "all", .kind = OPTION_FLAG, .prose = "all of them"},
    {.name = NULL},
};

const struct command command_notice_resend = {
    .name = "notice resend",
    .summary = "send again what did not reach anybody",
    .usage = "ID --all | --person NUMBER | --channel CHANNEL",
    .about = "Messages of the notice that are dead, undelivered, expired, or held for a person go once more; their age "
             "counts\n"
             "anew. What was delivered, is under way, or goes by itself at its time is left alone.\n",
    .options = resend_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_resend,
};
