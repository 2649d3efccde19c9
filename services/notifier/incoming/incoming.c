/* SMS that come in: a contact's becomes a draft, kept here and echoed; "1" makes it an event for the journal. The answer
 * goes back by the gateway that asked, when what follows from the message is durable; the same message again gets the same
 * answer. Who is no contact gets none. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "common/draft/squad_name.h"
#include "common/key_file.h"
#include "services/notifier/incoming/wording.h"
#include "services/notifier/notifier.h"

#define PURPOSE "incoming sms"
#define RETRY_MS 1000
#define PHONE_BYTES 40
#define MESSAGE_BYTES 400
#define ARENA_BYTES (4 * 1024 * 1024)
#define CHINA_OFFSET_MINUTES 480
#define URL_BYTES 800
#define PATH_BYTES 4200
#define ADDRESS_FILE "incoming-url"

/* A message that waits for the commit. */
struct incoming {
    struct work work; /* first: the work is the message */
    struct reply_to to;
    struct arena *arena;
    struct id id;
    char phone[PHONE_BYTES + 1];
    struct text text; /* in the arena */
    struct buffer reply;
    bool stranger;
    bool reported;
};

/* What is known of who wrote. */
struct sender {
    char person[EVENT_BY_MAX + 1];
    char unit[EVENT_UNIT_MAX + 1]; /* of the first contact with the number */
    struct id contact;
    bool several; /* units */
    struct list squads;
    bool found;
};

static int take_sender(void *data, const struct contact_row *row) {
    struct sender *sender = data;
    if (!sender->found) {
        snprintf(sender->person, sizeof sender->person, "%.*s", (int)row->person.length, row->person.data);
        snprintf(sender->unit, sizeof sender->unit, "%.*s", (int)row->unit.length, row->unit.data);
        sender->contact = row->event;
    }
    sender->several = sender->several || (sender->found && !text_equal(row->unit, text_of(sender->unit)));
    sender->found = true;
    return 0;
}

static struct text signature_of(const struct notifier *notifier) {
    return text_of(config_text(notifier->service->config, SETTING_SMS_SIGNATURE));
}

/* ---- reports ---- */

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

static int put_message(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                       enum message_state state, struct text event, struct error *error) {
    const struct message message = {
        .id = incoming->id,
        .phone = text_of(incoming->phone),
        .person = text_of(sender->person),
        .at = notifier_now(notifier),
        .state = state,
        .event = event,
        .reply = {(const char *)incoming->reply.data, (uint32_t)incoming->reply.length},
    };
    if (incoming->reply.failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return messages_put(&notifier->store.messages, &message, error);
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
    if (result >= 0) {
        sms_echo(draft, text_of(name), signature_of(notifier), &incoming->reply);
        result = whole && codec_encode_event(&draft->event, PART_CLIENT, &event) < 0
                     ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                     : 0;
    }
    struct text bytes = {(const char *)event.data, (uint32_t)event.length};
    result = result < 0
                 ? result
                 : put_message(notifier, incoming, sender, whole ? MESSAGE_OPEN : MESSAGE_ANSWERED, bytes, error);
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
        sms_sentence(sms_help, signature_of(notifier), &incoming->reply);
    }
    return found < 0 ? found
                     : put_message(notifier, incoming, sender, found == 0 ? MESSAGE_HELPED : MESSAGE_ANSWERED,
                                   (struct text){0}, error);
}

static int take_words(struct notifier *notifier, struct incoming *incoming, struct sender *sender,
                      struct error *error) {
    struct draft *draft = arena_alloc(incoming->arena, sizeof *draft);
    if (!draft) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = read_draft(notifier, incoming, sender, draft, error);
    if (result == -ERR_NO_MEMORY || result == -ERR_CORRUPT || result == -ERR_IO) {
        return result;
    }
    if (result == -ERR_TOO_LONG || result == -ERR_TOO_MANY) {
        sms_sentence(sms_too_much, signature_of(notifier), &incoming->reply);
        return put_message(notifier, incoming, sender, MESSAGE_ANSWERED, (struct text){0}, error);
    }
    bool report = result == 0 && sms_is_report(draft);
    return report ? keep_draft(notifier, incoming, sender, draft, error) : help(notifier, incoming, sender, error);
}

/* ---- answers ---- */

static int hand_in(struct notifier *notifier, const struct message *open, struct error *error) {
    struct telling telling = {.channel = CHANNEL_SMS, .id = open->id, .event = open->event};
    int result = tellings_add(&notifier->store.tellings, &telling, error);
    return result < 0 ? result : messages_set_state(&notifier->store.messages, &open->id, MESSAGE_CONFIRMED, error);
}

static int take_answer(struct notifier *notifier, struct incoming *incoming, const struct sender *sender, bool yes,
                       struct error *error) {
    struct text phone = text_of(incoming->phone);
    struct messages *messages = &notifier->store.messages;
    struct message open;
    struct message before;
    const char *sentence = "没有等待确认的报告。";
    int found = messages_newest(messages, phone, MESSAGE_OPEN, incoming->arena, &open, error);
    int result = found;
    if (found == 1) {
        result = yes ? hand_in(notifier, &open, error) : messages_set_state(messages, &open.id, MESSAGE_DROPPED, error);
        sentence = yes ? "已确认，报告已提交。" : "已取消，没有提交。";
        incoming->reported = yes;
    } else if (found == 0 && yes) {
        result = messages_newest(messages, phone, MESSAGE_CONFIRMED, incoming->arena, &before, error);
        sentence = result == 1 ? "上一份报告已经提交过，不用再确认。" : sentence;
    }
    sms_sentence(sentence, signature_of(notifier), &incoming->reply);
    return result < 0 ? result : put_message(notifier, incoming, sender, MESSAGE_ANSWERED, (struct text){0}, error);
}

/* ---- as work of a turn ---- */

static int answer(struct notifier *notifier, struct incoming *incoming, struct sender *sender, struct error *error) {
    switch (sms_meaning_of(incoming->text)) {
    case SMS_YES:
        return take_answer(notifier, incoming, sender, true, error);
    case SMS_NO:
        return take_answer(notifier, incoming, sender, false, error);
    case SMS_AUTOMATIC:
        incoming->stranger = true;
        return 0;
    case SMS_WORDS:
        break;
    }
    return take_words(notifier, incoming, sender, error);
}

static int incoming_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct incoming *incoming = (struct incoming *)work;
    struct store *store = &notifier->store;
    struct sender sender = {.found = false};
    struct message before;
    buffer_clear(&incoming->reply);
    incoming->stranger = incoming->reported = false;
    int result = store_begin(store, error);
    result = result < 0 ? result
                        : messages_forget_before(&store->messages, notifier_now(notifier) - MESSAGES_KEPT_MS, error);
    result = result < 0 ? result : messages_get(&store->messages, &incoming->id, incoming->arena, &before, error);
    if (result == 1) {
        buffer_append(&incoming->reply, before.reply.data, before.reply.length);
        return 0;
    }
    result = result < 0 ? result
                        : contacts_of_phone(&store->contacts, text_of(incoming->phone), take_sender, &sender, error);
    if (result < 0) {
        return result;
    }
    incoming->stranger = !sender.found;
    return sender.found ? answer(notifier, incoming, &sender, error) : 0;
}

static void free_incoming(struct incoming *incoming) {
    arena_destroy(&incoming->arena);
    buffer_free(&incoming->reply);
    free(incoming);
}

static void refuse(struct notifier *notifier, const struct reply_to *to, const struct error *error) {
    char as_of[POSITION_TEXT_SIZE];
    position_format(&notifier->store.position, as_of);
    reply_error(to, error, error_http(error->code) == 503 ? RETRY_MS : 0, as_of);
}

static void incoming_done(struct notifier *notifier, struct work *work) {
    struct incoming *incoming = (struct incoming *)work;
    struct wire_incoming_reply reply = {.text = {(const char *)incoming->reply.data, (uint32_t)incoming->reply.length}};
    struct buffer payload = {0};
    wire_set(&reply.present, FIELD_incoming_reply_text);
    metrics_add(&notifier->service->metrics, METRIC_SMS_STRANGERS, incoming->stranger);
    metrics_add(&notifier->service->metrics, METRIC_SMS_REPORTS, incoming->reported);
    if (codec_encode(shape_of(SHAPE_incoming_reply), &reply, &payload) == 0) {
        reply_bytes(&incoming->to, "reply", (struct text){(const char *)payload.data, (uint32_t)payload.length});
    }
    buffer_free(&payload);
    free_incoming(incoming);
}

static void incoming_refuse(struct notifier *notifier, struct work *work, const struct error *error) {
    struct incoming *incoming = (struct incoming *)work;
    refuse(notifier, &incoming->to, error);
    free_incoming(incoming);
}

/* ---- as it comes ---- */

static int check(const struct notifier *notifier, const struct wire_incoming_sms *wire, struct error *error) {
    char mac[HOOK_MAC_SIZE];
    char limit[24];
    hook_mac(&notifier->hook, text_of(PURPOSE), mac);
    if (wire->mac.length != HOOK_MAC_SIZE - 1 || sodium_memcmp(wire->mac.data, mac, HOOK_MAC_SIZE - 1) != 0) {
        return error_set(error, ERR_FORGED, (struct error_words){.field = "mac"});
    }
    snprintf(limit, sizeof limit, "%" PRIu64, notifier->progress.goal);
    return notifier->gate_open ? 0 : error_set(error, ERR_BEHIND, (struct error_words){.limit = limit});
}

/* 13800138001 of +8613800138001, 8613800138001 and 008613800138001; other numbers as they are. */
static void set_phone(struct incoming *incoming, struct text from) {
    static const char *const prefixes[] = {"+86", "0086", "86"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        uint32_t length = (uint32_t)strlen(prefixes[i]);
        if (from.length == length + 11 && memcmp(from.data, prefixes[i], length) == 0) {
            from = (struct text){from.data + length, from.length - length};
        }
    }
    snprintf(incoming->phone, sizeof incoming->phone, "%.*s", (int)from.length, from.data);
}

static int fill(struct incoming *incoming, const struct wire_incoming_sms *wire, struct error *error) {
    char material[PHONE_BYTES + MESSAGE_BYTES + 2];
    set_phone(incoming, wire->from);
    int length =
        snprintf(material, sizeof material, "%s %.*s", incoming->phone, (int)wire->message.length, wire->message.data);
    incoming->id = id_derive(0, material, (size_t)length < sizeof material ? (size_t)length : sizeof material - 1);
    incoming->text = (struct text){arena_copy(incoming->arena, wire->text.data, wire->text.length), wire->text.length};
    return incoming->text.data ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int make(struct notifier *notifier, const struct request *request, const struct reply_to *to,
                struct error *error) {
    struct wire_incoming_sms wire;
    struct faults faults = {0};
    arena_reset(notifier->question_arena);
    int result = codec_decode(shape_of(SHAPE_incoming_sms), request->payload, notifier->question_arena, &wire, &faults);
    if (result < 0) {
        return faults_any(&faults) ? faults_to_error(&faults, error)
                                   : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    result = check(notifier, &wire, error);
    if (result < 0) {
        metrics_add(&notifier->service->metrics, METRIC_REPORTS_FORGED, result == -ERR_FORGED);
        return result;
    }
    struct incoming *incoming = calloc(1, sizeof *incoming);
    if (!incoming || !(incoming->arena = arena_create(ARENA_BYTES)) || fill(incoming, &wire, error) < 0) {
        if (incoming) {
            free_incoming(incoming);
        }
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    incoming->work = (struct work){.apply = incoming_apply, .done = incoming_done, .refuse = incoming_refuse};
    incoming->to = *to;
    turn_add(notifier, &incoming->work);
    return 0;
}

void incoming_take(struct notifier *notifier, const struct request *request, const struct reply_to *to) {
    struct error error = {0};
    if (make(notifier, request, to, &error) < 0) {
        refuse(notifier, to, &error);
    }
}

/* ---- the address ---- */

int incoming_tell_address(struct notifier *notifier, struct error *error) {
    char mac[HOOK_MAC_SIZE];
    char url[URL_BYTES];
    struct text portal = text_of(notifier->hook.url);
    if (portal.length == 0) {
        return 0;
    }
    portal.length -= portal.data[portal.length - 1] == '/';
    hook_mac(&notifier->hook, text_of(PURPOSE), mac);
    snprintf(url, sizeof url, "%.*s/hooks/sms?mac=%s&from=%%p&id=%%I&text=%%b", (int)portal.length, portal.data, mac);
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/" ADDRESS_FILE, notifier->service->state_dir);
    unlink(path); /* of an earlier start, perhaps with another address */
    return key_file_write(notifier->service->state_dir, ADDRESS_FILE, true, url, error);
}
