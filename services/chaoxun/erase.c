/* chaoxun person erase, volunteer erase, text redact: personal data and free text out of journal and services. */
#include "services/chaoxun/command.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/receipts.h"

#define UNIT_DEFAULT "haining"

static struct text ground_of(const struct session *session) {
    const char *ground = option_text(session->options, "ground");
    return ground ? text_of(ground) : (struct text){0};
}

/* Hands in the event that `body` holds. Returns the exit status. */
static int submit(const struct session *session, enum event_type type, union event_body *body) {
    const char *unit = option_text(session->options, "unit");
    struct event event = event_now(type, text_of(unit ? unit : UNIT_DEFAULT), body);
    return receipt_submit(session, &event);
}

static int submit_erasure(const struct session *session, struct wire_person_erasure *erasure) {
    erasure->ground = ground_of(session);
    if (erasure->ground.data) {
        wire_set(&erasure->present, FIELD_person_erasure_ground);
    }
    return submit(session, EVENT_PERSON_ERASED, &(union event_body){.person_erasure = *erasure});
}

/* The commands as session_run calls them: `data` is the status of what was handed in. */

static int erase_person(const struct session *session, void *data, struct arena *arena, struct error *error) {
    (void)arena;
    (void)error;
    struct text person = text_of(option_operand(session->options, 0));
    struct wire_person_erasure erasure = {.present = 0};
    /* A number is shorter than an id as it is written. */
    if (person.length > EVENT_BY_MAX && id_parse(person, &erasure.volunteer)) {
        wire_set(&erasure.present, FIELD_person_erasure_volunteer);
    } else {
        erasure.person = person;
        wire_set(&erasure.present, FIELD_person_erasure_person);
    }
    *(int *)data = submit_erasure(session, &erasure);
    return 0;
}

static int erase_volunteer(const struct session *session, void *data, struct arena *arena, struct error *error) {
    struct wire_person_erasure erasure = {.present = 0};
    int result = roster_find(session, option_operand(session->options, 0), arena, &erasure.volunteer, error);
    if (result < 0) {
        return result;
    }
    wire_set(&erasure.present, FIELD_person_erasure_volunteer);
    *(int *)data = submit_erasure(session, &erasure);
    return 0;
}

static int redact_text(const struct session *session, void *data, struct arena *arena, struct error *error) {
    (void)arena;
    struct text name = text_of(option_operand(session->options, 0));
    union event_body body = {.text_redaction = {.ground = ground_of(session)}};
    if (!id_parse(name, &body.text_redaction.event)) {
        return error_setf(error, ERR_USAGE, "%.60s is not the id of an event", name.data);
    }
    wire_set(&body.text_redaction.present, FIELD_text_redaction_event);
    if (body.text_redaction.ground.data) {
        wire_set(&body.text_redaction.present, FIELD_text_redaction_ground);
    }
    *(int *)data = submit(session, EVENT_TEXT_REDACTED, &body);
    return 0;
}

static int run(const struct options *options, session_work work) {
    int receipt = 0;
    int status = session_run(options, ROSTER_ARENA_BYTES, work, &receipt);
    return status != 0 ? status : receipt;
}

static int run_person(const struct options *options) {
    return run(options, erase_person);
}

static int run_volunteer(const struct options *options) {
    return run(options, erase_volunteer);
}

static int run_text(const struct options *options) {
    return run(options, redact_text);
}

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "which unit decided it (default: " UNIT_DEFAULT ")"},
    {.name = "ground",
     .kind = OPTION_TEXT,
     .word = "CODE",
     .prose = "request, left, mistake, ...",
     .values = "request left mistake"},
    {.name = NULL},
};

const struct command command_person_erase = {
    .name = "person erase",
    .summary = "remove a person's data from everything but the statistics",
    .usage = "PERSON [OPTION...]",
    .about = "PERSON is a contact's number, or the id of a volunteer. It cannot be taken back; figures and the "
             "journal's chain stay whole.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_person,
};

const struct command command_volunteer_erase = {
    .name = "volunteer erase",
    .summary = "remove a volunteer's name and number from every file; hours stay",
    .usage = "NUMBER|ID [OPTION...]",
    .about = "It cannot be taken back. Hours and figures stay with the id; reasons and objections lose their texts.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_volunteer,
};

const struct command command_text_redact = {
    .name = "text redact",
    .summary = "remove the free text and personal data of one event",
    .usage = "EVENT-ID [OPTION...]",
    .about = "EVENT-ID is the id that its receipt named. It cannot be taken back; its figures stay.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_text,
};
