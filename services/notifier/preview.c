/* Preview: whom a notice would reach, what each channel would say, and how many SMS it takes. */
#include <stdio.h>

#include "proto/sms.h"
#include "services/notifier/answer.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/replies.h"

#define ALL(shape) ((UINT64_C(1) << FIELD_COUNT_##shape) - 1)
#define SAMPLES (UINT64_C(1) << FIELD_preview_answer_code_sample | UINT64_C(1) << FIELD_preview_answer_link_sample)

static int unknown_unit(struct text unit, struct error *error) {
    char value[EVENT_UNIT_MAX + 1];
    snprintf(value, sizeof value, "%.*s", (int)unit.length, unit.data);
    return error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.value = value});
}

static int fill_unit(struct notifier *notifier, struct text unit, struct wire_preview_unit *out, struct error *error) {
    char name[UNIT_NAME_BYTES + 1];
    struct reach reach = {0};
    int result = units_name(&notifier->store.units, unit, name, error);
    result = result == 0 ? unknown_unit(unit, error) : result;
    result = result < 0 ? result : contacts_reach(&notifier->store.contacts, unit, &reach, error);
    const char *kept = result < 0 ? NULL : arena_copy(notifier->question_arena, name, strlen(name));
    if (result < 0 || !kept) {
        return result < 0 ? result : answer_no_memory(error);
    }
    *out = (struct wire_preview_unit){
        .present = ALL(preview_unit),
        .unit = unit,
        .name = text_of(kept),
        .people = reach.people,
        .sms = reach.by_channel[CHANNEL_SMS],
        .email = reach.by_channel[CHANNEL_EMAIL],
    };
    return 0;
}

static int fill_units(struct notifier *notifier, const struct list *units, struct wire_preview_answer *answer,
                      struct error *error) {
    struct wire_preview_unit *items = arena_alloc(notifier->question_arena, (units->count + 1) * sizeof *items);
    const struct text *named = units->items;
    if (!items) {
        return answer_no_memory(error);
    }
    int result = 0;
    for (uint32_t i = 0; i < units->count && result == 0; i++) {
        result = fill_unit(notifier, named[i], &items[i], error);
    }
    answer->units = (struct list){items, units->count};
    return result;
}

/* Each person once, whatever units they belong to. */
static int fill_all(struct notifier *notifier, const struct list *units, struct wire_preview_answer *answer,
                    struct error *error) {
    struct buffer joined = {0};
    struct reach reach = {0};
    const struct text *named = units->items;
    for (uint32_t i = 0; i < units->count; i++) {
        buffer_append(&joined, " ", i > 0);
        buffer_append(&joined, named[i].data, named[i].length);
    }
    struct text text = {(const char *)joined.data, (uint32_t)joined.length};
    int result =
        joined.failed ? answer_no_memory(error) : contacts_reach(&notifier->store.contacts, text, &reach, error);
    buffer_free(&joined);
    if (result == 0) {
        answer->people = reach.people;
        answer->sms = reach.by_channel[CHANNEL_SMS];
        answer->email = reach.by_channel[CHANNEL_EMAIL];
        answer->robot = reach.by_channel[CHANNEL_ROBOT];
        answer->govding = reach.by_channel[CHANNEL_GOVDING];
    }
    return result;
}

/* A text in the arena of the question; gives the buffer back. */
static int keep_text(struct notifier *notifier, struct buffer *composed, struct text *text, struct error *error) {
    const uint8_t *data = composed->data ? composed->data : (const uint8_t *)"";
    const char *kept = composed->failed ? NULL : arena_copy(notifier->question_arena, data, composed->length);
    *text = (struct text){kept, (uint32_t)composed->length};
    buffer_free(composed);
    return kept ? 0 : answer_no_memory(error);
}

/* The notice as it would be kept, as far as its messages are concerned. */
static struct notice_row draft_of(const struct wire_preview_query *query) {
    return (struct notice_row){.title = query->title,
                               .text = query->text.length > 0 ? query->text : text_of(""),
                               .confirm_by = query->confirm_by};
}

/* What stands where each recipient's own words and link will stand. */
static int fill_samples(struct notifier *notifier, const struct wire_preview_query *query,
                        struct wire_preview_answer *answer, struct error *error) {
    char link[HOOK_LINK_SIZE];
    if (query->confirm_by > 0 && config_bool(notifier->service->config, SETTING_SMS_REPLIES)) {
        answer->code_sample = text_of(REPLIES_WORDS_OF_ANY);
        wire_set(&answer->present, FIELD_preview_answer_code_sample);
    }
    hook_link_sample(&notifier->hook, link);
    if (query->confirm_by <= 0 || link[0] == '\0') {
        return 0;
    }
    const char *kept = arena_copy(notifier->question_arena, link, strlen(link));
    answer->link_sample = text_of(kept ? kept : "");
    wire_set(&answer->present, FIELD_preview_answer_link_sample);
    return kept ? 0 : answer_no_memory(error);
}

/* The text with the ways to answer behind it, as dispatcher_text makes it; it may lie in `out`. */
static struct text whole_text(struct notifier *notifier, enum channel channel, const struct notice_row *draft,
                              const char *reply, struct buffer *out) {
    const char *whole = dispatcher_text(&notifier->hook, channel, NULL, draft, reply, out);
    return whole == draft->text.data ? draft->text : text_of(whole ? whole : "");
}

static int fill_sms(struct notifier *notifier, const struct wire_preview_query *query,
                    struct wire_preview_answer *answer, struct error *error) {
    struct notice_row draft = draft_of(query);
    struct buffer whole = {0};
    struct buffer sms = {0};
    struct text text =
        whole_text(notifier, CHANNEL_SMS, &draft, answer->code_sample.length > 0 ? REPLIES_WORDS_OF_ANY : "", &whole);
    compose_sms(text_of(config_text(notifier->service->config, SETTING_SMS_SIGNATURE)), query->title, text, &sms);
    sms.failed = sms.failed || whole.failed;
    buffer_free(&whole);
    int result = keep_text(notifier, &sms, &answer->sms_text, error);
    uint32_t units = result == 0 ? sms_units(answer->sms_text) : 0;
    answer->sms_characters = units;
    answer->sms_parts = sms_parts(units);
    answer->sms_parts_max = SMS_PARTS_MAX;
    return result;
}

static int fill_email(struct notifier *notifier, const struct wire_preview_query *query,
                      struct wire_preview_answer *answer, struct error *error) {
    struct text signature = text_of(config_text(notifier->service->config, SETTING_SMS_SIGNATURE));
    struct notice_row draft = draft_of(query);
    struct buffer whole = {0};
    struct buffer subject = {0};
    struct buffer plain = {0};
    compose_subject(signature, query->title, &subject);
    compose_plain(signature, query->title, whole_text(notifier, CHANNEL_EMAIL, &draft, "", &whole), &plain);
    plain.failed = plain.failed || whole.failed;
    buffer_free(&whole);
    int result = keep_text(notifier, &subject, &answer->email_subject, error);
    int second = keep_text(notifier, &plain, &answer->email_text, error);
    return result < 0 ? result : second;
}

/* Whoever sees a robot's post is one of many: it says no way to answer. */
static int fill_robot(struct notifier *notifier, const struct wire_preview_query *query,
                      struct wire_preview_answer *answer, struct error *error) {
    struct buffer robot = {0};
    compose_robot(text_of(config_text(notifier->service->config, SETTING_SMS_SIGNATURE)), query->title, query->text,
                  &robot);
    return keep_text(notifier, &robot, &answer->robot_text, error);
}

int answer_preview(struct notifier *notifier, const struct wire_preview_query *query,
                   struct wire_preview_answer *answer, struct error *error) {
    const char *as_of = answer_as_of(notifier);
    if (!as_of) {
        return answer_no_memory(error);
    }
    *answer = (struct wire_preview_answer){
        .present = ALL(preview_answer) & ~SAMPLES,
        .as_of = text_of(as_of),
        .sms_sends = channels_configured(notifier->channels, CHANNEL_SMS),
        .email_sends = channels_configured(notifier->channels, CHANNEL_EMAIL),
        .robot_sends = channels_configured(notifier->channels, CHANNEL_ROBOT),
        .govding_sends = channels_configured(notifier->channels, CHANNEL_GOVDING),
    };
    int result = fill_samples(notifier, query, answer, error);
    result = result < 0 ? result : fill_sms(notifier, query, answer, error);
    result = result < 0 ? result : fill_email(notifier, query, answer, error);
    result = result < 0 ? result : fill_robot(notifier, query, answer, error);
    result = result < 0 ? result : fill_units(notifier, &query->units, answer, error);
    return result < 0 ? result : fill_all(notifier, &query->units, answer, error);
}
