/* chaoxun notice send, notice preview: word from the office to its squads. */
#include <stdio.h>

#include "common/clock.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/delivery.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/preview.h"
#include "services/chaoxun/receipts.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define TEXT_BYTES_MAX 65536

/* A notice on its way from the command line. */
struct notice {
    struct session session;
    struct draft draft;
    struct registry registry; /* loaded when names must be looked up */
    struct buffer text;       /* read from standard input */
    struct arena *arena;      /* of answers */
    union event_body body;
    struct event event;
};

/* ---- the words ---- */

/* The text behind --text; "-" reads standard input, whose last line's end is none of the text. */
static int read_text(struct notice *notice, struct error *error) {
    const char *words = option_text(notice->session.options, "text");
    if (!words || strcmp(words, "-") != 0) {
        notice->draft.text = text_of(words ? words : "");
        return 0;
    }
    int result = file_read("-", TEXT_BYTES_MAX, &notice->text, error);
    struct text text = {(const char *)notice->text.data, (uint32_t)notice->text.length};
    while (text.length > 0 && (text.data[text.length - 1] == '\n' || text.data[text.length - 1] == '\r')) {
        text.length--;
    }
    notice->draft.text = text;
    return result;
}

static int open_notice(struct notice *notice, const struct options *options, struct error *error) {
    const char *title = option_text(options, "title");
    const char *units = option_text(options, "unit");
    notice->session.options = options;
    notice->draft.title = text_of(title ? title : "");
    if (!units) {
        return error_setf(error, ERR_USAGE, "--unit PATH is needed: whom is it for? --unit haining is everybody");
    }
    int result = recipients_read(&notice->draft.recipients, units, error);
    if (result == 0) {
        result = read_text(notice, error);
    }
    if (result == 0) {
        result = session_open(&notice->session, options, NULL, NULL, error);
    }
    notice->arena = arena_create(ARENA_BYTES);
    return result != 0 || notice->arena ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static void close_notice(struct notice *notice) {
    arena_destroy(&notice->arena);
    registry_free(&notice->registry);
    buffer_free(&notice->text);
    session_close(&notice->session);
}

/* ---- the event ---- */

/* Who issues it: --from, else the root above the first unit. */
static struct text issuer(const struct notice *notice) {
    const char *from = option_text(notice->session.options, "from");
    struct text first = notice->draft.recipients.units[0];
    uint32_t length = 0;
    while (length < first.length && first.data[length] != '/') {
        length++;
    }
    return from ? text_of(from) : (struct text){first.data, length};
}

/* The id given. It tells when it was made (RFC 9562, version 7): with that as its time, the same words are the same event
 * when they are sent again. */
static bool take_id(struct event *event, struct text text) {
    if (!id_parse(text, &event->id)) {
        return false;
    }
    if (event->id.bytes[6] >> 4 == 7) {
        event->at = 0;
        for (int i = 0; i < 6; i++) {
            event->at = event->at << 8 | event->id.bytes[i];
        }
    }
    return true;
}

/* +12h counts from `at`. */
static int read_confirm_by(struct notice *notice, int64_t at, struct error *error) {
    const char *time = option_text(notice->session.options, "confirm-by");
    if (time && !moment_parse(text_of(time), at, session_utc_offset(&notice->session), &notice->draft.confirm_by)) {
        return error_setf(error, ERR_USAGE, "--confirm-by: %.40s is not a time like \"2026-11-23 18:00\" or +12h",
                          time);
    }
    return 0;
}

static int fill_options(struct notice *notice, struct error *error) {
    const struct options *options = notice->session.options;
    struct wire_notice *body = &notice->body.notice;
    const char *id = option_text(options, "id");
    if (id && !take_id(&notice->event, text_of(id))) {
        return error_setf(error, ERR_USAGE, "--id: %.60s is not an id", id);
    }
    if (option_given(options, "urgent")) {
        body->urgent = true;
        wire_set(&body->present, FIELD_notice_urgent);
    }
    int result = read_confirm_by(notice, notice->event.at, error);
    if (result == 0 && option_given(options, "confirm-by")) {
        body->confirm_by = notice->draft.confirm_by;
        wire_set(&body->present, FIELD_notice_confirm_by);
    }
    return result;
}

static int build_event(struct notice *notice, struct error *error) {
    struct wire_notice *body = &notice->body.notice;
    const struct draft *draft = &notice->draft;
    notice->body = (union event_body){0};
    body->units = (struct list){(void *)draft->recipients.units, draft->recipients.count};
    body->title = draft->title;
    body->text = draft->text;
    body->present = shape_of(SHAPE_notice)->required_fields;
    notice->event = event_now(EVENT_NOTICE_ISSUED, issuer(notice), &notice->body);
    notice->event.has_side = true;
    return fill_options(notice, error);
}

/* Reads the event as intake will; prints what is wrong with it. True when nothing is. */
static bool is_sound(const struct notice *notice) {
    struct buffer bytes = {0};
    struct faults faults = {0};
    struct event again;
    struct error error;
    arena_reset(notice->arena);
    if (codec_encode_event(&notice->event, PART_CLIENT, &bytes) != 0) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        command_fail(notice->session.options, &error);
        buffer_free(&bytes);
        return false;
    }
    codec_decode_event((struct text){(const char *)bytes.data, (uint32_t)bytes.length}, notice->arena, &again, &faults);
    for (uint32_t i = 0; i < faults.count; i++) {
        struct faults one = {.items = {faults.items[i]}, .count = 1};
        faults_to_error(&one, &error);
        command_fail(notice->session.options, &error);
    }
    buffer_free(&bytes);
    return faults.count == 0;
}

/* ---- preview ---- */

static int show_preview(struct notice *notice, struct wire_preview_answer *answer, FILE *out, struct error *error) {
    int result = preview_ask(&notice->session, &notice->draft, &notice->registry, notice->arena, answer, error);
    bool words = notice->draft.title.length + notice->draft.text.length > 0;
    if (result == 0 && !preview_print(&notice->session, answer, words, out)) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    fflush(out);
    return result;
}

static int run_preview(const struct options *options) {
    struct notice notice = {0};
    struct wire_preview_answer answer;
    struct error error;
    int result = open_notice(&notice, options, &error);
    result = result != 0 ? result : read_confirm_by(&notice, clock_now(), &error);
    if (result == 0 && option_given(options, "json")) {
        result = preview_ask(&notice.session, &notice.draft, &notice.registry, notice.arena, &answer, &error);
        if (result == 0) {
            document_print(shape_of(SHAPE_preview_answer), &answer);
        }
    } else if (result == 0) {
        result = show_preview(&notice, &answer, stdout, &error);
    }
    if (result == 0) {
        result = preview_check(&answer, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    close_notice(&notice);
    return status;
}

/* ---- send ---- */

/* Follows the notice to its end; prints what became of it. */
static int follow(const struct notice *notice, const char *position) {
    const struct options *options = notice->session.options;
    struct wire_notice_status status;
    struct error error;
    int64_t all = 0;
    bool reached = false;
    int result = delivery_wait(&notice->session, &notice->event.id, position, option_int(options, "timeout", 0),
                               notice->arena, &status, &error);
    if (result != 0) {
        return command_fail(options, &error);
    }
    delivery_print(&notice->session, &status, stdout);
    const struct wire_notice_entry *entry = status.notice.items;
    delivery_done(&entry->counts, &all, &reached);
    return reached ? 0 : EXIT_REFUSED;
}

/* What the notifier makes of it at once, so that whoever asks next finds it there. That it is handed in holds anyway. */
static void tell_begin(const struct notice *notice, const char *position) {
    struct wire_notice_status status;
    if (delivery_ask_head(&notice->session, &notice->event.id, position, notice->arena, &status, NULL) == 0) {
        delivery_print_sums(&notice->session, &status, stdout);
    }
}

static int submit(const struct notice *notice) {
    char position[POSITION_TEXT_SIZE] = "";
    int status = receipt_submit_at(&notice->session, &notice->event, position);
    if (status == EXIT_UNREACHABLE || status == EXIT_LATER) {
        char id[ID_TEXT_SIZE];
        id_format(&notice->event.id, id);
        fprintf(stderr,
                language_pick(notice->session.language,
                              "Whether it went out is not known: send it again with --id %s\n",
                              "结果未知：请加 --id %s 再发一次，不会重复发送\n"),
                id);
    }
    if (status == 0 && option_given(notice->session.options, "wait")) {
        return follow(notice, position);
    }
    if (status == 0) {
        tell_begin(notice, position);
    }
    return status;
}

/* The words are checked here, the recipients by the notifier; only then it is handed in. */
static int send_notice(struct notice *notice, struct error *error) {
    const struct options *options = notice->session.options;
    struct wire_preview_answer answer;
    int result = build_event(notice, error);
    if (result == 0 && !recipients_have_names(&notice->draft.recipients) && !is_sound(notice)) {
        return EXIT_REFUSED;
    }
    if (result == 0) {
        result = show_preview(notice, &answer, stdout, error);
    }
    if (result == 0) {
        result = preview_check(&answer, error);
    }
    if (result == 0) {
        result = build_event(notice, error); /* names have become paths */
    }
    if (result != 0) {
        return command_fail(options, error);
    }
    if (!is_sound(notice)) {
        return EXIT_REFUSED;
    }
    if (option_given(options, "dry-run")) {
        printf("%s\n", language_pick(notice->session.language, "nothing was sent", "未发送"));
        return 0;
    }
    return submit(notice);
}

static int run_send(const struct options *options) {
    struct notice notice = {0};
    struct error error;
    int status;
    if (!option_text(options, "title") || !option_text(options, "text")) {
        return command_usage(options, "--title and --text are needed (--text - reads standard input)");
    }
    int result = open_notice(&notice, options, &error);
    status = result != 0 ? command_fail(options, &error) : send_notice(&notice, &error);
    close_notice(&notice);
    return status;
}

#define DRAFT_OPTIONS \
    {.name = "unit", .kind = OPTION_LIST, .word = "PATH", .prose = "whom it is for; again, or several with commas"}, \
        {.name = "title", .kind = OPTION_TEXT, .word = "TEXT", .prose = "title"}, \
        {.name = "text", \
         .kind = OPTION_TEXT, \
         .word = "TEXT|-", \
         .prose = "what is to be told; - reads standard input"}, \
    { \
        .name = "confirm-by", .kind = OPTION_TEXT, .word = "TIME", \
        .prose = "until when to confirm: \"2026-11-23 18:00\", +12h" \
    }

static const struct option_row preview_rows[] = {
    DRAFT_OPTIONS,
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = NULL},
};

const struct command command_notice_preview = {
    .name = "notice preview",
    .summary = "whom a notice would reach, what it would say, and how many SMS it would take",
    .usage = "--unit PATH... [OPTION...]",
    .about = "Nothing is sent. Exit status 1 when a unit has nobody who could be told, or when the text is too long.\n",
    .options = preview_rows,
    .run = run_preview,
};

static const struct option_row send_rows[] = {
    DRAFT_OPTIONS,
    {.name = "urgent", .kind = OPTION_FLAG, .prose = "it overtakes what is under way"},
    {.name = "from", .kind = OPTION_TEXT, .word = "PATH", .prose = "who issues it (default: the root above --unit)"},
    {.name = "id", .kind = OPTION_TEXT, .word = "ID", .prose = "send the same id again when no receipt came"},
    {.name = "dry-run", .kind = OPTION_FLAG, .prose = "preview only"},
    {.name = "wait", .kind = OPTION_FLAG, .prose = "follow it until nothing is under way"},
    {.name = "timeout",
     .kind = OPTION_INT,
     .word = "SECONDS",
     .prose = "wait no longer than this",
     .min = 1,
     .max = 1000000},
    {.name = NULL},
};

const struct command command_notice_send = {
    .name = "notice send",
    .summary = "tell squads something by SMS, e-mail, robot or 浙政钉",
    .usage = "--unit PATH... --title TEXT --text TEXT|- [OPTION...]",
    .about =
        "PATH is a unit and what lies under it, by path, code or name; --unit haining is all squads. First it is "
        "asked\n"
        "whom the notice reaches and how many SMS it takes: a unit without contacts and a text that is too long are\n"
        "refused before anything is sent; nothing is ever cut. Others can see the words of a command line: a text "
        "with\n"
        "names or numbers in it better comes from standard input.\n"
        "Example:\n"
        "  echo 今明两天高温，户外活动请改在早晚。 |\n"
        "    chaoxun notice send --unit xucun,xiashi --title 高温提醒 --text - --wait\n"
        "Exit status with --wait: 0 when every message arrived, 1 when one did not, 75 when --timeout was over.\n",
    .options = send_rows,
    .run = run_send,
};
