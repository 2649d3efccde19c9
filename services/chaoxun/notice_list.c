/* chaoxun notice list, notice status: what was told, and what became of it. */
#include <stdio.h>
#include <unistd.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/delivery.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/notices.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define LIMIT_DEFAULT 20
#define LIMIT_MAX 1000000
#define CLEAR_SCREEN "\033[H\033[2J"

/* ---- list ---- */

struct listing {
    const struct session *session;
    struct grid *grid;
};

static bool add_json(void *data, const struct wire_notice_entry *notice) {
    (void)data;
    document_print_line(shape_of(SHAPE_notice_entry), notice);
    return true;
}

static bool add_notice(void *data, const struct wire_notice_entry *notice) {
    const struct listing *listing = data;
    enum error_language language = listing->session->language;
    char id[ID_TEXT_SIZE];
    char at[MOMENT_TEXT_SIZE];
    char units[NOTICE_UNITS_SIZE];
    char sums[DELIVERY_SUMS_SIZE];
    moment_format(notice->received_at, session_utc_offset(listing->session), at);
    notice_units(notice, units);
    delivery_sums(&notice->counts, language, sums);
    id_format(&notice->id, id);
    grid_cell(listing->grid, text_of(at));
    grid_cell(listing->grid,
              notice->removed ? text_of(language_pick(language, "(removed)", "（已删除）")) : notice->title);
    grid_cell(listing->grid, text_of(notice->urgent ? language_pick(language, "urgent", "紧急") : ""));
    grid_cell(listing->grid, text_of(units));
    grid_cell(listing->grid, text_of(notice->recalled_at != 0 ? language_pick(language, "recalled", "已撤回")
                                                              : delivery_standing(notice, language)));
    grid_cell(listing->grid, text_of(sums));
    grid_cell(listing->grid, text_of(id));
    return true;
}

static void add_columns(struct grid *grid, enum error_language language) {
    grid_column(grid, language_pick(language, "received", "发出"), GRID_LEFT);
    grid_column(grid, language_pick(language, "title", "标题"), GRID_LEFT);
    grid_column(grid, "", GRID_LEFT);
    grid_column(grid, language_pick(language, "to", "发给"), GRID_LEFT);
    grid_column(grid, language_pick(language, "state", "状态"), GRID_LEFT);
    grid_column(grid, language_pick(language, "messages", "消息"), GRID_LEFT);
    grid_column(grid, language_pick(language, "id", "编号"), GRID_LEFT);
}

static int list(const struct session *session, struct error *error) {
    const struct options *options = session->options;
    struct listing listing = {.session = session, .grid = grid_create()};
    bool json = option_given(options, "json");
    if (!listing.grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    add_columns(listing.grid, session->language);
    int result =
        notices_each(session, option_text(options, "unit"), option_text(options, "at-least"),
                     option_int(options, "limit", LIMIT_DEFAULT), json ? add_json : add_notice, &listing, error);
    if (result == 0 && !json && !grid_print(listing.grid, stdout)) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    grid_destroy(&listing.grid);
    return result;
}

static int run_list(const struct options *options) {
    struct session session;
    struct error error;
    int result = session_open(&session, options, NULL, NULL, &error);
    if (result == 0) {
        result = list(&session, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row list_rows[] = {
    {.name = "unit",
     .kind = OPTION_TEXT,
     .word = "PATH",
     .prose = "only those that reach this unit or what lies under it"},
    {.name = "limit",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "how many at most (default: 20)",
     .min = 1,
     .max = LIMIT_MAX},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON, one per line"},
    {.name = NULL},
};

const struct command command_notice_list = {
    .name = "notice list",
    .summary = "the notices, newest first, and how many messages arrived",
    .usage = "[OPTION...]",
    .about =
        "States of messages: pending, sending, accepted, delivered, undelivered, retry, unknown, held, dead, expired,\n"
        "cancelled, superseded; chaoxun notice status --help explains them.\n",
    .options = list_rows,
    .run = run_list,
};

/* ---- status ---- */

struct watching {
    const struct session *session;
    bool terminal;
    bool shown;
    uint64_t fingerprint; /* of what was shown */
};

/* What makes a new showing worth while. */
static uint64_t fingerprint(const struct wire_notice_status *status) {
    const struct wire_delivery_row *rows = status->rows.items;
    uint64_t mixed = status->rows.count;
    for (uint32_t i = 0; i < status->rows.count; i++) {
        mixed = mixed * 31 + (uint64_t)rows[i].state;
        mixed = mixed * 31 + (uint64_t)rows[i].since;
        mixed = mixed * 31 + (uint64_t)rows[i].next_at;
        mixed = mixed * 31 + (uint64_t)(rows[i].read_at + rows[i].confirmed_at + rows[i].answered_at);
    }
    return mixed;
}

static void show(void *data, const struct wire_notice_status *status) {
    struct watching *watching = data;
    uint64_t mixed = fingerprint(status);
    if (watching->shown && mixed == watching->fingerprint) {
        return;
    }
    printf("%s", watching->terminal ? CLEAR_SCREEN : watching->shown ? "\n" : "");
    if (option_given(watching->session->options, "json")) {
        document_print(shape_of(SHAPE_notice_status), status);
    } else {
        delivery_print(watching->session, status, stdout);
    }
    fflush(stdout);
    watching->shown = true;
    watching->fingerprint = mixed;
}

static int show_status(const struct session *session, const struct id *id, struct arena *arena, struct error *error) {
    struct wire_notice_status status;
    const char *at_least = option_text(session->options, "at-least");
    struct watching watching = {.session = session};
    if (option_given(session->options, "watch")) {
        watching.terminal = isatty(STDOUT_FILENO) == 1;
        return delivery_follow(session, id, at_least, 0, arena, show, &watching, &status, error);
    }
    int result = delivery_ask(session, id, at_least, arena, &status, error);
    if (result == 0) {
        show(&watching, &status);
    }
    return result;
}

static int run_status(const struct options *options) {
    struct session session = {0};
    struct error error;
    struct id id;
    if (!id_parse(text_of(option_operand(options, 0)), &id)) {
        return command_usage(options, "%.60s is not the id of a notice", option_operand(options, 0));
    }
    struct arena *arena = arena_create(ARENA_BYTES);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = show_status(&session, &id, arena, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    arena_destroy(&arena);
    session_close(&session);
    return status;
}

static const struct option_row status_rows[] = {
    {.name = "watch", .kind = OPTION_FLAG, .prose = "show it again whenever it changes, until nothing is under way"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = NULL},
};

const struct command command_notice_status = {
    .name = "notice status",
    .summary = "what became of each message of a notice",
    .usage = "ID [OPTION...]",
    .about =
        "ID is the one that the receipt named. A row per recipient and channel; times are the brigade's. States:\n"
        "  pending      waits for its turn              sending    handed to the provider, no answer yet\n"
        "  accepted     the gateway took it; its delivery report is awaited\n"
        "  delivered    the phone has it, or the mail server took it\n"
        "  undelivered  the provider refused the recipient or could not deliver\n"
        "  retry        a passing fault; sent again at the next attempt\n"
        "  unknown      it may have gone out: the report is awaited, then it is sent again (maybe twice)\n"
        "  held         goes at the next attempt (quiet hours, a limit, a silence); without one a person must look:\n"
        "               too old when the notifier came back, or its channel is not configured (notice resend)\n"
        "  dead         it can never be sent as it stands\n"
        "  expired      its time was up             cancelled  recalled, or recipient or text removed\n"
        "  superseded   a later alert about the same took its place before it was sent, or it goes with the message "
        "of\n"
        "               the alert that its words and carrier (--json) name\n"
        "Then, once somebody has read it or when it is to be confirmed: who has read, confirmed and answered it, "
        "since\n"
        "when; - stands for not so far. Who is no recipient speaks for the recipients of the unit.\n",
    .options = status_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_status,
};
