/* SMS that are answers: to a notice or alert by its code, to a draft, and a bare "1" where one thing alone is open. */
#include <inttypes.h>
#include <stdio.h>

#include "services/notifier/answering.h"
#include "services/notifier/incoming/incoming.h"
#include "services/notifier/rules/values.h"

#define TOLD_MAX 5 /* of what is open, one by one */
#define DRAFT_FIRST 100
#define DRAFTS 900

/* What waits for the sender. */
struct open_matters {
    struct code codes[TOLD_MAX + 1];
    int count;
    bool has_draft;
    struct message draft;
};

int64_t incoming_draft_code(const struct id *message) {
    return DRAFT_FIRST + (message->bytes[ID_BYTES - 2] << 8 | message->bytes[ID_BYTES - 1]) % DRAFTS;
}

/* ---- what is open ---- */

/* Those of one person that are not confirmed, and are not on their way to the journal. */
static int add_open(struct notifier *notifier, const char *person, struct open_matters *open, struct error *error) {
    struct code found[TOLD_MAX + 1];
    int count =
        codes_each(&notifier->store.codes, person, CODE_OPEN, notifier_now(notifier), found, TOLD_MAX + 1, error);
    int result = count;
    for (int i = 0; i < count && result >= 0 && open->count <= TOLD_MAX; i++) {
        struct id confirmation = answering_id(&found[i].ref);
        result = tellings_has(&notifier->store.tellings, &confirmation, error);
        if (result == 0) {
            open->codes[open->count++] = found[i];
        }
    }
    return result < 0 ? result : 0;
}

static int find_codes(struct notifier *notifier, const struct sender *sender, struct open_matters *open,
                      struct error *error) {
    int result = 0;
    open->count = 0;
    for (int i = 0; i < sender->person_count && result == 0; i++) {
        result = add_open(notifier, sender->persons[i], open, error);
    }
    return result;
}

int incoming_has_open(struct notifier *notifier, const struct sender *sender, struct error *error) {
    struct open_matters open = {.count = 0};
    int result = find_codes(notifier, sender, &open, error);
    return result < 0 ? result : open.count > 0;
}

static int find_open(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                     struct open_matters *open, struct error *error) {
    int result = find_codes(notifier, sender, open, error);
    int found = result < 0 ? result
                           : messages_newest(&notifier->store.messages, text_of(incoming->phone), MESSAGE_OPEN,
                                             incoming->arena, &open->draft, error);
    open->has_draft = found == 1;
    return found < 0 ? found : 0;
}

/* ---- words ---- */

static int put_title(struct notifier *notifier, const struct id *id, struct buffer *out, struct error *error) {
    struct notice_row notice;
    int found = notices_find(&notifier->store.notices, id, &notice, error);
    sms_put_title(found == 1 && !notice.removed ? notice.title : text_of("通知"), out);
    return found < 0 ? found : 0;
}

static int put_open(struct notifier *notifier, const struct open_matters *open, struct buffer *out,
                    struct error *error) {
    int result = 0;
    char line[60];
    for (int i = 0; i < open->count && i < TOLD_MAX && result == 0; i++) {
        snprintf(line, sizeof line, "%s%04" PRId64 " ", i > 0 ? "；" : "", open->codes[i].number);
        buffer_append_string(out, line);
        result = put_title(notifier, &open->codes[i].notice, out, error);
    }
    if (open->has_draft) {
        snprintf(line, sizeof line, "%s%" PRId64 " 您的上报", open->count > 0 ? "；" : "",
                 incoming_draft_code(&open->draft.id));
        buffer_append_string(out, line);
    }
    buffer_append_string(out, open->count > TOLD_MAX ? "，等" : "");
    return result;
}

/* Says something that leads to nothing, so often a day at most. */
static int say_body(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                    struct buffer *body, struct error *error) {
    int64_t refused = 0;
    int result = messages_count(&notifier->store.messages, text_of(incoming->phone), MESSAGE_REFUSED, &refused, error);
    if (refused < REFUSALS_A_DAY) {
        sms_compose(body, incoming_signature(notifier), &incoming->reply);
    } else {
        buffer_free(body);
    }
    return result < 0 ? result : incoming_put(notifier, incoming, sender, MESSAGE_REFUSED, (struct text){0}, error);
}

static int say(struct notifier *notifier, struct incoming *incoming, const struct sender *sender, const char *sentence,
               struct error *error) {
    struct buffer body = {0};
    buffer_append_string(&body, sentence);
    return say_body(notifier, incoming, sender, &body, error);
}

/* ---- notices and alerts ---- */

/* Why the code confirms nothing any more; NULL: it does. */
static const char *why_not(const struct code *code, int64_t now, bool words, char out[200]) {
    char end[VALUES_MOMENT_SIZE];
    switch ((enum code_state)code->state) {
    case CODE_RECALLED:
        return "这条通知已撤回，不用再回复。";
    case CODE_OVER:
        return "这件事已经办结，不用再回复。";
    case CODE_ANSWERED:
        return words ? NULL : "已经确认过，不用再回复。";
    case CODE_ELSEWHERE: /* say_answered; words are one more answer */
        return NULL;
    case CODE_OPEN:
        break;
    }
    if (now <= code->until) {
        return NULL;
    }
    values_moment(code->until, end);
    snprintf(out, 200, "编号 %04" PRId64 " 的确认时间已过（%s），没有登记。请联系大队办公室。", code->number,
             end + strlen("2026-"));
    return out;
}

/* What is told when the journal has it. */
static int put_done(struct notifier *notifier, struct incoming *incoming, const struct code *code, bool words,
                    struct error *error) {
    struct buffer body = {0};
    buffer_append_string(&body, words ? "已登记您的答复：" : "已确认：");
    int result = put_title(notifier, &code->notice, &body, error);
    buffer_append_string(&body, "。");
    if (result == 0 && code->state == CODE_ELSEWHERE) {
        buffer_append_string(&body, "此前");
        result = incoming_put_answerer(notifier, code, &body, error);
        buffer_append_string(&body, "。");
    }
    sms_compose(&body, incoming_signature(notifier), &incoming->reply);
    return result;
}

static int say_answered(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                        const struct code *code, struct error *error) {
    struct buffer body = {0};
    buffer_append_string(&body, "这件事");
    int result = incoming_put_answerer(notifier, code, &body, error);
    buffer_append_string(&body, "，不用再回复。");
    if (result < 0) {
        buffer_free(&body);
        return result;
    }
    return say_body(notifier, incoming, sender, &body, error);
}

static int tell(struct notifier *notifier, const struct incoming *incoming, const struct code *code, struct text words,
                struct id *event, struct error *error) {
    const struct answering answering = {.ref = code->ref,
                                        .notice = code->notice,
                                        .unit = text_of(code->unit),
                                        .person = text_of(code->person),
                                        .channel = CHANNEL_SMS,
                                        .at = notifier_now(notifier)};
    int result = code->state == CODE_OPEN ? answering_confirm(&notifier->store, &answering, error) : 0;
    *event = answering_id(&code->ref);
    return result < 0 || words.length == 0
               ? result
               : answering_say(&notifier->store, &answering, &incoming->id, words, event, error);
}

static int settle(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                  const struct code *code, struct text words, struct error *error) {
    char room[200];
    struct id event;
    if (code->state == CODE_ELSEWHERE && words.length == 0) {
        return say_answered(notifier, incoming, sender, code, error);
    }
    const char *reason = why_not(code, notifier_now(notifier), words.length > 0, room);
    if (reason) {
        return say(notifier, incoming, sender, reason, error);
    }
    int result = tell(notifier, incoming, code, words, &event, error);
    result = result < 0 ? result : put_done(notifier, incoming, code, words.length > 0, error);
    return result < 0 ? result : incoming_put_telling(notifier, incoming, sender, &event, error);
}

/* ---- drafts ---- */

static int hand_in(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                   const struct message *open, struct error *error) {
    struct event event;
    struct faults faults = {0};
    if (codec_decode_event(open->event, incoming->arena, &event, &faults) < 0) {
        return error_set(error, ERR_CORRUPT, (struct error_words){.field = "a draft", .value = "it cannot be read"});
    }
    struct telling telling = {.channel = CHANNEL_SMS, .id = event.id, .event = open->event};
    int result = tellings_add(&notifier->store.tellings, &telling, error);
    result = result < 0 ? result : messages_set_state(&notifier->store.messages, &open->id, MESSAGE_CONFIRMED, error);
    sms_sentence("已确认，报告已提交。", incoming_signature(notifier), &incoming->reply);
    incoming->reported = result == 0;
    return result < 0 ? result : incoming_put_telling(notifier, incoming, sender, &event.id, error);
}

static int drop(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                const struct message *open, struct error *error) {
    int result = messages_set_state(&notifier->store.messages, &open->id, MESSAGE_DROPPED, error);
    sms_sentence("已取消，没有提交。", incoming_signature(notifier), &incoming->reply);
    return result < 0 ? result : incoming_put(notifier, incoming, sender, MESSAGE_ANSWERED, (struct text){0}, error);
}

/* ---- bare answers ---- */

/* The one thing that was open until somebody else answered it: 1, or 0 when there is none, or there are several. */
static int find_answered(struct notifier *notifier, const struct sender *sender, struct code *code,
                         struct error *error) {
    struct code found[2];
    int count = 0;
    for (int i = 0; i < sender->person_count && count < 2; i++) {
        int more = codes_each(&notifier->store.codes, sender->persons[i], CODE_ELSEWHERE, notifier_now(notifier), found,
                              2, error);
        if (more < 0) {
            return more;
        }
        *code = more > 0 ? found[0] : *code;
        count += more;
    }
    return count == 1;
}

static int say_nothing_is_open(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                               bool yes, struct error *error) {
    struct message before;
    struct code answered = {0};
    int elsewhere = yes ? find_answered(notifier, sender, &answered, error) : 0;
    if (elsewhere != 0) {
        return elsewhere < 0 ? elsewhere : say_answered(notifier, incoming, sender, &answered, error);
    }
    int found = yes ? messages_newest(&notifier->store.messages, text_of(incoming->phone), MESSAGE_CONFIRMED,
                                      incoming->arena, &before, error)
                    : 0;
    return found < 0 ? found
                     : say(notifier, incoming, sender,
                           found == 1 ? "上一份报告已经提交过，不用再确认。" : "没有等待确认的通知或报告。", error);
}

/* "1" says which only where one thing is open. */
static int list_open(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                     const struct open_matters *open, struct error *error) {
    struct buffer body = {0};
    buffer_append_string(&body, "有几件事等您确认，请回复编号：");
    int result = put_open(notifier, open, &body, error);
    buffer_append_string(&body, "。");
    if (result < 0) {
        buffer_free(&body);
        return result;
    }
    return say_body(notifier, incoming, sender, &body, error);
}

int incoming_take_bare(struct notifier *notifier, struct incoming *incoming, const struct sender *sender, bool yes,
                       struct error *error) {
    struct open_matters open = {.count = 0};
    int result = find_open(notifier, incoming, sender, &open, error);
    if (result < 0) {
        return result;
    }
    if (!yes) {
        return open.has_draft ? drop(notifier, incoming, sender, &open.draft, error)
                              : say_nothing_is_open(notifier, incoming, sender, false, error);
    }
    switch (open.count + open.has_draft) {
    case 0:
        return say_nothing_is_open(notifier, incoming, sender, true, error);
    case 1:
        return open.has_draft ? hand_in(notifier, incoming, sender, &open.draft, error)
                              : settle(notifier, incoming, sender, &open.codes[0], (struct text){0}, error);
    default:
        return list_open(notifier, incoming, sender, &open, error);
    }
}

/* ---- codes ---- */

static int take_draft_code(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                           const struct sms_code *code, struct error *error) {
    struct message draft;
    int found = messages_newest(&notifier->store.messages, text_of(incoming->phone), MESSAGE_OPEN, incoming->arena,
                                &draft, error);
    if (found < 1 || incoming_draft_code(&draft.id) != code->number) {
        return found < 0 ? found : 0;
    }
    int result = hand_in(notifier, incoming, sender, &draft, error);
    return result < 0 ? result : 1;
}

/* Of several people with one number it may be either's; open ones come first. Two that are open: neither is guessed. */
static int find_code(struct notifier *notifier, const struct sender *sender, int64_t number, struct code *code,
                     struct error *error) {
    int open = 0;
    int any = 0;
    for (int i = 0; i < sender->person_count; i++) {
        struct code found;
        int result = codes_find(&notifier->store.codes, sender->persons[i], number, &found, error);
        if (result < 0) {
            return result;
        }
        bool is_open = result == 1 && found.state == CODE_OPEN;
        if (result == 1 && (is_open || open == 0)) {
            *code = found;
        }
        open += is_open;
        any += result;
    }
    return open > 1 ? 0 : any > 0;
}

int incoming_take_code(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                       const struct sms_code *code, struct error *error) {
    struct code found = {.number = code->number};
    if (code->digits == 3) {
        return take_draft_code(notifier, incoming, sender, code, error);
    }
    int result = find_code(notifier, sender, code->number, &found, error);
    if (result < 1) {
        return result;
    }
    result = settle(notifier, incoming, sender, &found, code->words, error);
    return result < 0 ? result : 1;
}

int incoming_refuse_code(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                         const struct sms_code *code, struct error *error) {
    struct open_matters open = {.count = 0};
    struct buffer body = {0};
    char line[160];
    int result = find_open(notifier, incoming, sender, &open, error);
    snprintf(line, sizeof line, "编号 %0*" PRId64 " 不是发给这个手机号的，没有登记。", (int)code->digits, code->number);
    buffer_append_string(&body, line);
    if (result == 0 && open.count + open.has_draft > 0) {
        buffer_append_string(&body, "等您确认的有：");
        result = put_open(notifier, &open, &body, error);
        buffer_append_string(&body, "。");
    }
    if (result < 0) {
        buffer_free(&body);
        return result;
    }
    return say_body(notifier, incoming, sender, &body, error);
}
