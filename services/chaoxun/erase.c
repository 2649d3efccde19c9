/* chaoxun person erase, chaoxun text redact: personal data and free text out of journal and services. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/receipts.h"

#define UNIT_DEFAULT "haining"

static struct text unit_of(const struct options *options) {
    const char *unit = option_text(options, "unit");
    return text_of(unit ? unit : UNIT_DEFAULT);
}

/* Hands in the event that `body` holds. */
static int submit(const struct options *options, enum event_type type, union event_body *body) {
    struct session session;
    struct error error;
    if (session_open(&session, options, NULL, NULL, &error) != 0) {
        return command_fail(options, &error);
    }
    struct event event = event_now(type, unit_of(options), body);
    int status = receipt_submit(&session, &event);
    session_close(&session);
    return status;
}

static int run_person(const struct options *options) {
    struct text person = text_of(option_operand(options, 0));
    union event_body body = {.person_erasure = {.present = 0}};
    const char *ground = option_text(options, "ground");
    /* A number is shorter than an id as it is written. */
    if (person.length > EVENT_BY_MAX && id_parse(person, &body.person_erasure.volunteer)) {
        wire_set(&body.person_erasure.present, FIELD_person_erasure_volunteer);
    } else {
        body.person_erasure.person = person;
        wire_set(&body.person_erasure.present, FIELD_person_erasure_person);
    }
    if (ground) {
        body.person_erasure.ground = text_of(ground);
        wire_set(&body.person_erasure.present, FIELD_person_erasure_ground);
    }
    return submit(options, EVENT_PERSON_ERASED, &body);
}

static int run_text(const struct options *options) {
    union event_body body = {.text_redaction = {.present = 0}};
    const char *ground = option_text(options, "ground");
    if (!id_parse(text_of(option_operand(options, 0)), &body.text_redaction.event)) {
        return command_usage(options, "%.60s is not the id of an event", option_operand(options, 0));
    }
    wire_set(&body.text_redaction.present, FIELD_text_redaction_event);
    if (ground) {
        body.text_redaction.ground = text_of(ground);
        wire_set(&body.text_redaction.present, FIELD_text_redaction_ground);
    }
    return submit(options, EVENT_TEXT_REDACTED, &body);
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
