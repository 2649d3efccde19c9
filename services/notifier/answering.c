/* Answers of recipients. */
#include "services/notifier/answering.h"

#include <string.h>

static struct id derive(const char *purpose, const struct id *id) {
    uint8_t material[ID_BYTES + 10];
    size_t length = strlen(purpose);
    memcpy(material, purpose, length);
    memcpy(material + length, id->bytes, ID_BYTES);
    return id_derive(0, material, length + ID_BYTES);
}

struct id answering_id(const struct id *ref) {
    return derive("confirmed ", ref);
}

static int tell(struct store *store, const struct answering *answering, struct event *event, struct error *error) {
    event->unit = answering->unit;
    event->at = answering->at;
    event->by = answering->person;
    event->has_cause = true;
    event->cause = answering->notice;
    int waits = tellings_has(&store->tellings, &event->id, error);
    if (waits != 0) {
        return waits < 0 ? waits : 0;
    }
    int result = store_begin(store, error);
    return result < 0 ? result : tellings_add_event(&store->tellings, event, error);
}

int answering_confirm(struct store *store, const struct answering *answering, struct error *error) {
    union event_body body = {.notice_step = {.notice = answering->notice, .channel = (int32_t)answering->channel}};
    struct event event = {.id = answering_id(&answering->ref), .type = EVENT_NOTICE_CONFIRMED, .body = &body};
    wire_set(&body.notice_step.present, FIELD_notice_step_notice);
    wire_set(&body.notice_step.present, FIELD_notice_step_channel);
    return tell(store, answering, &event, error);
}

int answering_say(struct store *store, const struct answering *answering, const struct id *from, struct text words,
                  struct id *event_id, struct error *error) {
    union event_body body = {
        .notice_answer = {.notice = answering->notice, .channel = (int32_t)answering->channel, .text = words}};
    struct event event = {
        .id = derive("answered ", from), .type = EVENT_NOTICE_ANSWERED, .has_side = true, .body = &body};
    wire_set(&body.notice_answer.present, FIELD_notice_answer_notice);
    wire_set(&body.notice_answer.present, FIELD_notice_answer_channel);
    wire_set(&body.notice_answer.present, FIELD_notice_answer_text);
    *event_id = event.id;
    return tell(store, answering, &event, error);
}
