/* SMS that are reports: drafts, and how to write one. */
#include "services/notifier/incoming/incoming.h"

#include <stdio.h>

#include "common/draft/squad_name.h"

#define CHINA_OFFSET_MINUTES 480

/* The squad that words mean, of those that the sender speaks for. */
static bool find_unit(void *data, struct text words, char *path) {
    const struct sender *sender = data;
    const struct squad *squads = sender->squads.items;
    for (uint32_t i = 0; i < sender->squads.count; i++) {
        if (path_is_within(squads[i].path, text_of(sender->unit)) &&
            squad_is_meant(squads[i].path, squads[i].name, words)) {
            snprintf(path, EVENT_UNIT_MAX + 1, "%.*s", (int)squads[i].path.length, squads[i].path.data);
            return true;
        }
    }
    return false;
}

static bool is_squad(const struct sender *sender) {
    const struct squad *squads = sender->squads.items;
    for (uint32_t i = 0; i < sender->squads.count; i++) {
        if (text_equal(squads[i].path, text_of(sender->unit))) {
            return true;
        }
    }
    return false;
}

static int read_draft(struct notifier *notifier, struct incoming *incoming, struct sender *sender, struct draft *draft,
                      struct error *error) {
    int result = units_squads(&notifier->store.units, incoming->arena, &sender->squads, error);
    const struct draft_options options = {.today = day_of_time(notifier_now(notifier), CHINA_OFFSET_MINUTES),
                                          .default_unit = is_squad(sender) && !sender->several ? sender->unit : NULL,
                                          .unit = find_unit,
                                          .data = sender,
                                          .by = text_of(sender->person)};
    result = result < 0 ? result : draft_read(incoming->text, &options, incoming->arena, draft, error);
    if (result == 0) {
        /* The message is the report's own: two with the same words are two reports. */
        draft->event.id = id_derive(draft->event.at, incoming->id.bytes, ID_BYTES);
        draft->event.cause = sender->contact;
        draft->event.has_cause = true;
    }
    return result;
}

/* An older draft of the same number no longer waits: one at a time, so that a bare "1" says which. */
static int drop_open(struct notifier *notifier, struct incoming *incoming, struct error *error) {
    struct message open;
    int found = messages_newest(&notifier->store.messages, text_of(incoming->phone), MESSAGE_OPEN, incoming->arena,
                                &open, error);
    return found == 1 ? messages_set_state(&notifier->store.messages, &open.id, MESSAGE_DROPPED, error) : found;
}

static int keep_draft(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                      const struct draft *draft, struct error *error) {
    char name[UNIT_NAME_BYTES + 1] = "";
    struct buffer event = {0};
    bool whole = !faults_any(&draft->faults);
    int result = units_name(&notifier->store.units, draft->event.unit, name, error);
    result = result < 0 || !whole ? result : drop_open(notifier, incoming, error);
    int others = result < 0 ? result : incoming_has_open(notifier, sender, error);
    result = others < 0 ? others : result;
    if (result >= 0) {
        sms_echo(draft, text_of(name), others == 1 ? incoming_draft_code(&incoming->id) : 0,
                 incoming_signature(notifier), &incoming->reply);
        result = whole && codec_encode_event(&draft->event, PART_CLIENT, &event) < 0
                     ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                     : 0;
    }
    struct text bytes = {(const char *)event.data, (uint32_t)event.length};
    result = result < 0
                 ? result
                 : incoming_put(notifier, incoming, sender, whole ? MESSAGE_OPEN : MESSAGE_ANSWERED, bytes, error);
    buffer_free(&event);
    return result;
}

/* How to write is told once a day at most. */
static int help(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                struct error *error) {
    struct message helped;
    int found = messages_newest(&notifier->store.messages, text_of(incoming->phone), MESSAGE_HELPED, incoming->arena,
                                &helped, error);
    if (found == 0) {
        sms_sentence(sms_help, incoming_signature(notifier), &incoming->reply);
    }
    return found < 0 ? found
                     : incoming_put(notifier, incoming, sender, found == 0 ? MESSAGE_HELPED : MESSAGE_ANSWERED,
                                    (struct text){0}, error);
}

int incoming_take_words(struct notifier *notifier, struct incoming *incoming, struct sender *sender,
                        const struct sms_code *code, struct error *error) {
    struct draft *draft = arena_alloc(incoming->arena, sizeof *draft);
    if (!draft) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = read_draft(notifier, incoming, sender, draft, error);
    if (result == -ERR_NO_MEMORY || result == -ERR_CORRUPT || result == -ERR_IO) {
        return result;
    }
    if (result == -ERR_TOO_LONG || result == -ERR_TOO_MANY) {
        sms_sentence(sms_too_much, incoming_signature(notifier), &incoming->reply);
        return incoming_put(notifier, incoming, sender, MESSAGE_ANSWERED, (struct text){0}, error);
    }
    bool report = result == 0 && sms_is_report(draft);
    if (report) {
        return keep_draft(notifier, incoming, sender, draft, error);
    }
    return code ? incoming_refuse_code(notifier, incoming, sender, code, error)
                : help(notifier, incoming, sender, error);
}
