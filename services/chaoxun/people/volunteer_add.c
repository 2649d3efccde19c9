/* chaoxun volunteer add and erase: a volunteer's particulars come on standard input, never as arguments. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/receipts.h"

#define ARENA_BYTES ((size_t)1 << 20)

/* ---- add ---- */

static int submit(const struct session *session, json_t *document, struct arena *arena) {
    struct faults faults = {0};
    struct error error;
    union event_body *body = arena_alloc(arena, sizeof *body);
    if (!body) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        return command_fail(session->options, &error);
    }
    if (json_to_shape(shape_of(SHAPE_volunteer), document, arena, &body->volunteer, &faults) != 0) {
        faults_to_error(&faults, &error);
        return command_fail(session->options, &error);
    }
    struct event event = event_now(EVENT_VOLUNTEER_ENROLLED, text_of(option_text(session->options, "unit")), body);
    char id[ID_TEXT_SIZE];
    event.has_side = (body->volunteer.present & shape_of(SHAPE_volunteer)->side_fields) != 0;
    int status = receipt_submit(session, &event);
    id_format(&event.id, id);
    if (status == 0) {
        printf("%s %s\n", language_pick(session->language, "id", "系统编号"), id);
    }
    return status;
}

static int run_add(const struct options *options) {
    if (!option_text(options, "unit")) {
        return command_usage(options, "--unit PATH is needed");
    }
    struct session session = {0};
    struct error error = {.code = ERR_OK};
    json_t *document = NULL;
    struct arena *arena = arena_create(ARENA_BYTES);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        document = document_read(&error);
        result = document ? 0 : -(int)error.code;
    }
    int status = result != 0 ? command_fail(options, &error) : submit(&session, document, arena);
    json_decref(document);
    arena_destroy(&arena);
    session_close(&session);
    return status;
}

static const struct option_row add_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "the squad that enrols"},
    {.name = NULL},
};

const struct command command_volunteer_add = {
    .name = "volunteer add",
    .summary = "enrol a volunteer",
    .usage = "--unit PATH < volunteer.json",
    .about =
        "The particulars are read as JSON from standard input, because others can see the words of a command line:\n"
        "  {\"number\": \"V-0471\", \"name\": \"…\", \"phone\": \"13…\", \"kind\": \"机关\"}\n"
        "A minor needs \"minor\": true and a guardian's consent, \"guardian\": true.\n",
    .options = add_rows,
    .run = run_add,
};

/* ---- erase ---- */

/* What the receipt said. */
struct erasure {
    int status;
};

static int erase(const struct session *session, void *data, struct arena *arena, struct error *error) {
    struct erasure *erasure = data;
    const char *ground = option_text(session->options, "ground");
    const char *unit = option_text(session->options, "unit");
    union event_body body = {.person_erasure = {0}};
    int result =
        roster_find(session, option_operand(session->options, 0), arena, &body.person_erasure.volunteer, error);
    if (result < 0) {
        return result;
    }
    wire_set(&body.person_erasure.present, FIELD_person_erasure_volunteer);
    if (ground) {
        body.person_erasure.ground = text_of(ground);
        wire_set(&body.person_erasure.present, FIELD_person_erasure_ground);
    }
    struct event event = event_now(EVENT_PERSON_ERASED, text_of(unit ? unit : "haining"), &body);
    erasure->status = receipt_submit(session, &event);
    return 0;
}

static int run_erase(const struct options *options) {
    struct erasure erasure = {0};
    int status = session_run(options, ARENA_BYTES, erase, &erasure);
    return status != 0 ? status : erasure.status;
}

static const struct option_row erase_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "which unit decided it (default: haining)"},
    {.name = "ground",
     .kind = OPTION_TEXT,
     .word = "CODE",
     .prose = "request, left, mistake, ...",
     .values = "request left mistake"},
    {.name = NULL},
};

const struct command command_volunteer_erase = {
    .name = "volunteer erase",
    .summary = "remove a volunteer's name and number from every file; hours stay",
    .usage = "NUMBER|ID [OPTION...]",
    .about = "It cannot be taken back. Hours and figures stay with the id; reasons and objections lose their texts.\n",
    .options = erase_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_erase,
};
