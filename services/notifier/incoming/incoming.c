/* SMS that come in: a contact's becomes a draft, kept here and echoed, or answers a notice by its code; "1" or the code makes it
 * an event for the journal. The answer goes back by the gateway that asked: when what follows from the message is durable, and
 * of what the journal is told when it has it, or refuses it. The same message again gets the same answer. Who is no contact
 * gets none. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "common/key_file.h"
#include "services/notifier/incoming/incoming.h"

#define PURPOSE "incoming sms"
#define MESSAGE_BYTES 400
#define ARENA_BYTES (4 * 1024 * 1024)
#define FORGET_EVERY_MS 60000
#define URL_BYTES 800
#define PATH_BYTES 4200
#define ADDRESS_FILE "incoming-url"

static void add_person(struct sender *sender, struct text person) {
    for (int i = 0; i < sender->person_count; i++) {
        if (text_equal(text_of(sender->persons[i]), person)) {
            return;
        }
    }
    if (sender->person_count < SENDER_PERSONS_MAX) {
        snprintf(sender->persons[sender->person_count++], EVENT_BY_MAX + 1, "%.*s", (int)person.length, person.data);
    }
}

static int take_sender(void *data, const struct contact_row *row) {
    struct sender *sender = data;
    if (!sender->found) {
        snprintf(sender->person, sizeof sender->person, "%.*s", (int)row->person.length, row->person.data);
        snprintf(sender->unit, sizeof sender->unit, "%.*s", (int)row->unit.length, row->unit.data);
        sender->contact = row->event;
    }
    add_person(sender, row->person);
    sender->several = sender->several || (sender->found && !text_equal(row->unit, text_of(sender->unit)));
    sender->found = true;
    return 0;
}

struct text incoming_signature(const struct notifier *notifier) {
    return text_of(config_text(notifier->service->config, SETTING_SMS_SIGNATURE));
}

/* ---- what is kept ---- */

int incoming_put(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
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

int incoming_put_telling(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                         const struct id *event, struct error *error) {
    incoming->waits = true;
    incoming->wait.event = *event;
    return incoming_put(notifier, incoming, sender, MESSAGE_TELLING,
                        (struct text){(const char *)event->bytes, ID_BYTES}, error);
}

/* The answer that stands for what was to be told. */
static int settle(struct notifier *notifier, struct message *message, const struct receipt_refusal *refusal,
                  struct error *error) {
    struct messages *messages = &notifier->store.messages;
    struct buffer body = {0};
    struct buffer reply = {0};
    if (refusal) {
        buffer_append_string(&body, "没有登记成功：");
        buffer_append_string(&body, refusal->text);
        buffer_append_string(&body, "。请打电话告诉大队办公室。");
        sms_compose(&body, incoming_signature(notifier), &reply);
        message->reply = (struct text){(const char *)reply.data, (uint32_t)reply.length};
    }
    message->state = MESSAGE_ANSWERED;
    message->event = (struct text){0};
    int result = reply.failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                              : messages_put(messages, message, error);
    buffer_free(&reply);
    return result;
}

/* Where the event was a draft, it was not handed in. */
static int drop_draft(struct notifier *notifier, struct text phone, const struct id *event, struct arena *arena,
                      struct error *error) {
    struct messages *messages = &notifier->store.messages;
    struct message draft = {.event = {0}};
    int found = messages_newest(messages, phone, MESSAGE_CONFIRMED, arena, &draft, error);
    bool own = found == 1 && memmem(draft.event.data, draft.event.length, event->bytes, ID_BYTES);
    return own ? messages_set_state(messages, &draft.id, MESSAGE_DROPPED, error) : found;
}

int incoming_told(struct notifier *notifier, const struct id *event, const struct receipt_refusal *refusal,
                  struct error *error) {
    struct message message = {.event = {0}};
    struct arena *arena = arena_create(ARENA_BYTES);
    int found = arena ? messages_of_event(&notifier->store.messages, event, arena, &message, error)
                      : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (found == 1) {
        found = settle(notifier, &message, refusal, error);
        found = found == 0 && refusal ? drop_draft(notifier, message.phone, event, arena, error) : found;
    }
    arena_destroy(&arena);
    return found < 0 ? found : 0;
}

/* ---- as work of a turn ---- */

static int answer(struct notifier *notifier, struct incoming *incoming, struct sender *sender, struct error *error) {
    struct sms_code code;
    bool coded = sms_code_of(incoming->text, &code);
    int taken = coded ? incoming_take_code(notifier, incoming, sender, &code, error) : 0;
    if (taken != 0) {
        return taken < 0 ? taken : 0;
    }
    switch (sms_meaning_of(incoming->text)) {
    case SMS_YES:
        return incoming_take_bare(notifier, incoming, sender, true, error);
    case SMS_NO:
        return incoming_take_bare(notifier, incoming, sender, false, error);
    case SMS_AUTOMATIC:
        incoming->stranger = true;
        return 0;
    case SMS_WORDS:
        break;
    }
    return incoming_take_words(notifier, incoming, sender, coded ? &code : NULL, error);
}

/* The gateway asks again, for it heard no answer. */
static int repeat(struct incoming *incoming, const struct message *before) {
    buffer_append(&incoming->reply, before->reply.data, before->reply.length);
    incoming->waits = before->state == MESSAGE_TELLING && before->event.length == ID_BYTES;
    if (incoming->waits) {
        memcpy(incoming->wait.event.bytes, before->event.data, ID_BYTES);
    }
    return 0;
}

static int incoming_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct incoming *incoming = (struct incoming *)work;
    struct store *store = &notifier->store;
    struct sender sender = {.found = false};
    struct message before;
    buffer_clear(&incoming->reply);
    incoming->stranger = incoming->reported = incoming->waits = false;
    int result = store_begin(store, error);
    result = result < 0 ? result
                        : messages_forget_before(&store->messages, notifier_now(notifier) - MESSAGES_KEPT_MS, error);
    result = result < 0 ? result : messages_get(&store->messages, &incoming->id, incoming->arena, &before, error);
    if (result == 1) {
        return repeat(incoming, &before);
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

/* The answer goes back. */
static void reply(struct notifier *notifier, struct incoming *incoming) {
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

static void refuse_waiting(struct notifier *notifier, struct incoming *incoming, enum error_code code) {
    struct error error = {0};
    error_set(&error, code, (struct error_words){.value = "the journal", .limit = "1000"});
    notifier_refuse(notifier, &incoming->to, &error);
    free_incoming(incoming);
}

/* What is said now stands in the file. */
static void incoming_settled(struct notifier *notifier, struct receipt_wait *wait,
                             const struct receipt_refusal *refusal) {
    struct incoming *incoming = (struct incoming *)((char *)wait - offsetof(struct incoming, wait));
    struct error error = {0};
    struct message message;
    if (refusal && refusal->code == ERR_UNAVAILABLE) {
        refuse_waiting(notifier, incoming, refusal->code);
        return;
    }
    int found = messages_get(&notifier->store.messages, &incoming->id, incoming->arena, &message, &error);
    notifier_check(notifier, found, &error);
    if (found != 1) { /* forgotten meanwhile: who was erased hears nothing */
        buffer_clear(&incoming->reply);
    } else if (refusal) {
        buffer_clear(&incoming->reply);
        buffer_append(&incoming->reply, message.reply.data, message.reply.length);
        incoming->reported = false;
    }
    reply(notifier, incoming);
}

static void incoming_done(struct notifier *notifier, struct work *work) {
    struct incoming *incoming = (struct incoming *)work;
    incoming->wait.settled = incoming_settled;
    if (!incoming->waits) {
        reply(notifier, incoming);
    } else if (!receipts_wait(notifier, &incoming->wait)) {
        refuse_waiting(notifier, incoming, ERR_BUSY);
    }
}

static void incoming_refuse(struct notifier *notifier, struct work *work, const struct error *error) {
    struct incoming *incoming = (struct incoming *)work;
    notifier_refuse(notifier, &incoming->to, error);
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
    char material[SMS_PHONE_BYTES + MESSAGE_BYTES + 2];
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
    arena_reset(notifier->question_arena);
    int result = payload_read(SHAPE_incoming_sms, request->payload, notifier->question_arena, &wire, error);
    if (result < 0) {
        return result;
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
        notifier_refuse(notifier, to, &error);
    }
}

/* ---- what is too old ---- */

static int forget_apply(struct notifier *notifier, struct work *work, struct error *error) {
    (void)work;
    int result = store_begin(&notifier->store, error);
    return result < 0
               ? result
               : messages_forget_before(&notifier->store.messages, notifier_now(notifier) - MESSAGES_KEPT_MS, error);
}

static void forget_done(struct notifier *notifier, struct work *work) {
    (void)work;
    notifier->incoming_forgets.busy = false;
}

void incoming_tick(struct notifier *notifier) {
    struct incoming_forgets *forgets = &notifier->incoming_forgets;
    struct error error = {0};
    int64_t now = notifier_now(notifier);
    int64_t oldest = 0;
    if (forgets->busy || notifier->draining || now < forgets->next_at) {
        return;
    }
    forgets->next_at = now + FORGET_EVERY_MS;
    int found = messages_oldest(&notifier->store.messages, &oldest, &error);
    notifier_check(notifier, found, &error);
    if (found == 1 && oldest < now - MESSAGES_KEPT_MS) {
        forgets->work = (struct work){.apply = forget_apply, .done = forget_done};
        forgets->busy = true;
        turn_add(notifier, &forgets->work);
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
