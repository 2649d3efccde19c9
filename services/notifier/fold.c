/* The fold, type by type. */
#include "services/notifier/fold.h"

#include <stdio.h>

#include "services/notifier/fan_out.h"
#include "services/notifier/forget.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/replies.h"
#include "services/notifier/resend.h"
#include "services/notifier/restraint/stir.h"
#include "services/notifier/rules/deeds.h"
#include "services/notifier/rules/fold_rules.h"
#include "services/notifier/rules/prune.h"

#define PLACE_LOST INT64_C(1000000000) /* of a message whose contact is not known any more: behind the others */

struct folding {
    struct store *store;
    const struct event *event;
    struct arena *arena;
    struct fold_news *news;
    struct skim *wanted; /* grows when a rule follows another type */
    struct error *error;
};

/* ---- units, clients, contacts ---- */

static int fold_unit(const struct folding *folding) {
    return units_put(&folding->store->units, folding->event->unit, &folding->event->body->unit, folding->error);
}

static int fold_client(const struct folding *folding) {
    return clients_put(&folding->store->clients, folding->event, folding->error);
}

static int fold_contact(const struct folding *folding) {
    return contacts_set(&folding->store->contacts, folding->event, folding->error);
}

/* What is held is looked at by the new quiet hours. */
static int fold_setting(const struct folding *folding) {
    const struct wire_setting *setting = &folding->event->body->setting;
    struct store *store = folding->store;
    if (!office_settings_follow(setting)) {
        return 0;
    }
    int result = store_begin(store, folding->error);
    result = result < 0 ? result : office_settings_set(&store->settings, setting, folding->error);
    return result < 0 ? result : stir_all(store, folding->event->received_at, folding->error);
}

/* ---- notices ---- */

static int fold_notice(const struct folding *folding) {
    return fan_out_notice(folding->store, folding->event, folding->arena, folding->news, folding->error);
}

/* ---- the notifier's own word ---- */

static void take_course(const struct event *event, struct outbox_row *row) {
    const struct wire_delivery *delivery = &event->body->delivery;
    row->course.state = (enum delivery)delivery->state;
    row->course.attempts = (int32_t)delivery->attempt;
    row->course.repeats = (int32_t)delivery->repeats;
    row->course.since = event->at;
    row->course.next_at = delivery->next_at;
    row->told = event->id;
    snprintf(row->words, sizeof row->words, "%.*s", (int)delivery->words.length,
             delivery->words.length > 0 ? delivery->words.data : "");
}

/* A message whose contact the stream does not tell any more: who was erased, or is no contact now. It is known that it
 * was made, and not where it went. */
static int add_lost(const struct folding *folding, struct outbox_row *row) {
    struct notice_row notice;
    int found = notices_find(&folding->store->notices, &row->notice, &notice, folding->error);
    if (found <= 0) {
        return found;
    }
    row->notice_seq = notice.seq;
    row->issued_at = notice.received_at;
    row->urgent = notice.urgent;
    row->place = PLACE_LOST;
    row->course.removed = true;
    snprintf(row->unit, sizeof row->unit, "%.*s", (int)folding->event->unit.length, folding->event->unit.data);
    take_course(folding->event, row);
    int added = outbox_add(&folding->store->outbox, row, folding->error);
    return added < 0 ? added : 0;
}

/* Reports that name it may still come. */
static int keep_handle(const struct folding *folding, const struct outbox_row *row) {
    const struct event *event = folding->event;
    char handle[CHANNEL_HANDLE_MAX + 1];
    struct text named = event->body->delivery.handle;
    if (named.length == 0) {
        return 0;
    }
    snprintf(handle, sizeof handle, "%.*s", (int)named.length, named.data);
    return handles_put(&folding->store->handles, handle, &row->ref, row->course.attempts, event->at, folding->error);
}

static int fold_delivery(const struct folding *folding) {
    const struct event *event = folding->event;
    const struct wire_delivery *delivery = &event->body->delivery;
    struct outbox_row key = {.notice = delivery->notice,
                             .revision = (int32_t)delivery->revision,
                             .step = (int32_t)delivery->step,
                             .channel = (enum channel)delivery->channel};
    snprintf(key.person, sizeof key.person, "%.*s", (int)delivery->person.length, delivery->person.data);
    outbox_set_ref(&key);
    struct outbox_row row;
    int known = outbox_is_since(&folding->store->outbox, &key.ref, event->at, folding->error);
    if (known != 0) {
        return known < 0 ? known : 0; /* what this notifier told itself, most of the time */
    }
    int result = outbox_find(&folding->store->outbox, &key.ref, &row, folding->error);
    if (result < 0 || (result == 1 && event->at <= row.course.since)) {
        return result < 0 ? result : 0;
    }
    int begun = store_begin(folding->store, folding->error);
    if (begun < 0 || result == 0) {
        return begun < 0 ? begun : add_lost(folding, &key);
    }
    take_course(event, &row);
    result = outbox_put(&folding->store->outbox, &row, folding->error);
    result = result < 0 ? result : keep_handle(folding, &row);
    result = result < 0 ? result : merge_fold(folding->store, &row, delivery, folding->error);
    int goes_on = result < 0 ? result : fold_next_channel(folding->store, &row, folding->error);
    return goes_on == 0 ? merge_follow(folding->store, &row, false, folding->error) : goes_on < 0 ? goes_on : 0;
}

static int fold_resending(const struct folding *folding) {
    return resend(folding->store, folding->event, folding->error);
}

/* ---- rules ---- */

static struct rule_folding of_rules(const struct folding *folding) {
    return (struct rule_folding){.store = folding->store,
                                 .event = folding->event,
                                 .arena = folding->arena,
                                 .messages = &folding->news->messages,
                                 .unreached = &folding->news->unreached,
                                 .error = folding->error};
}

/* Calls a fold of rules/. */
static int with_rules(const struct folding *folding, int (*run)(const struct rule_folding *folding)) {
    struct rule_folding rules = of_rules(folding);
    return run(&rules);
}

static int fold_rule_set(const struct folding *folding) {
    int result = with_rules(folding, fold_rule);
    return result < 0 ? result : fold_wanted(folding->store, folding->wanted, folding->error);
}

static int fold_silence_set(const struct folding *folding) {
    return with_rules(folding, fold_silence);
}

static int fold_alert_raised(const struct folding *folding) {
    struct text unit = folding->event->unit;
    buffer_append(&folding->news->units, unit.data, unit.length);
    buffer_append(&folding->news->units, " ", 1);
    folding->news->alerts++;
    return folding->news->units.failed ? error_set(folding->error, ERR_NO_MEMORY, (struct error_words){0})
                                       : with_rules(folding, fold_alert);
}

static int fold_alert_cleared(const struct folding *folding) {
    return with_rules(folding, fold_clearing);
}

/* ---- answers ---- */

static struct id notice_of(const struct event *event) {
    return event->type == EVENT_NOTICE_ANSWERED ? event->body->notice_answer.notice : event->body->notice_step.notice;
}

/* Read, confirmed or answered: again is nothing new, and harms nothing. */
static int take_answer(const struct folding *folding, const struct id *notice) {
    struct rule_folding rules = of_rules(folding);
    bool answered = folding->event->type != EVENT_NOTICE_READ;
    int result = readings_note(&folding->store->readings, notice, folding->event, folding->error);
    if (result >= 0 && answered) {
        result = replies_answered(folding->store, notice, folding->event, folding->error);
    }
    return result < 0 ? result : fold_reading(&rules, notice, answered);
}

/* What one message told a person, the person's one answer answers. */
static int fold_answer(const struct folding *folding) {
    struct store *store = folding->store;
    struct id notice = notice_of(folding->event);
    struct id carried[MERGE_MAX];
    int result = take_answer(folding, &notice);
    int count = result < 0 ? result : merge_carried(store, &notice, folding->event->by, carried, folding->error);
    result = count < 0 ? count : result;
    for (int i = 0; i < count && result >= 0; i++) {
        result = take_answer(folding, &carried[i]);
    }
    return result;
}

/* Most reports name neither a notice nor an activity, and change nothing here. */
static int fold_report(const struct folding *folding) {
    const struct wire_report *report = &folding->event->body->report;
    bool answers = wire_has(report->present, FIELD_report_answers);
    int noted = 0;
    if (!answers && !wire_has(report->present, FIELD_report_activity)) {
        return 0;
    }
    if (answers) {
        int begun = store_begin(folding->store, folding->error);
        noted = begun < 0 ? begun
                          : readings_note(&folding->store->readings, &report->answers, folding->event, folding->error);
        noted = noted < 0 ? noted : replies_answered(folding->store, &report->answers, folding->event, folding->error);
    }
    return noted < 0 ? noted : with_rules(folding, fold_report_deed);
}

/* What was not sent yet is cancelled. */
static int fold_recalled(const struct folding *folding) {
    struct rule_folding rules = of_rules(folding);
    struct store *store = folding->store;
    struct id id = notice_of(folding->event);
    struct notice_row notice;
    int result = readings_note(&store->readings, &id, folding->event, folding->error);
    result = result < 0 ? result : fold_recall(&rules, &id);
    result = result < 0 ? result : codes_end(&store->codes, &id, CODE_RECALLED, folding->error);
    result = result < 0 ? result : notices_find(&store->notices, &id, &notice, folding->error);
    return result == 1 ? forget_unsent(store, notice.seq, folding->error) : result;
}

/* ---- days ---- */

static int fold_day(const struct folding *folding) {
    return prune_fold(folding->store, folding->event, folding->error);
}

/* ---- erasure ---- */

static int fold_erasure(const struct folding *folding) {
    return forget_person(folding->store, folding->event->body->person_erasure.person, folding->error);
}

static int fold_redaction(const struct folding *folding) {
    return forget_event(folding->store, &folding->event->body->text_redaction.event, folding->error);
}

/* ---- events ---- */

static const struct fold {
    int (*run)(const struct folding *folding);
    bool always; /* it changes the store: else it begins the transaction itself, when it does */
} folds[EVENT_TYPE_COUNT] = {
    [EVENT_UNIT_SET] = {fold_unit, true},
    [EVENT_CLIENT_SET] = {fold_client, true},
    [EVENT_CONTACT_SET] = {fold_contact, true},
    [EVENT_SETTING_SET] = {fold_setting, false},
    [EVENT_REPORT_SUBMITTED] = {fold_report, false},
    [EVENT_NOTICE_ISSUED] = {fold_notice, true},
    [EVENT_NOTICE_READ] = {fold_answer, true},
    [EVENT_NOTICE_CONFIRMED] = {fold_answer, true},
    [EVENT_NOTICE_ANSWERED] = {fold_answer, true},
    [EVENT_NOTICE_RECALLED] = {fold_recalled, true},
    [EVENT_DELIVERY_UPDATED] = {fold_delivery, false},
    [EVENT_NOTICE_RESENT] = {fold_resending, true},
    [EVENT_RULE_SET] = {fold_rule_set, true},
    [EVENT_SILENCE_SET] = {fold_silence_set, true},
    [EVENT_ALERT_RAISED] = {fold_alert_raised, true},
    [EVENT_ALERT_CLEARED] = {fold_alert_cleared, true},
    [EVENT_CLOCK_DAY] = {fold_day, true},
    [EVENT_PERSON_ERASED] = {fold_erasure, true},
    [EVENT_TEXT_REDACTED] = {fold_redaction, true},
};

/* All others are passed over, but for those that rules follow; of reports, most of all events, next to nothing is read. */
static const struct skim wanted = {
    .bodies = {
        [EVENT_UNIT_SET] = SKIM_WHOLE,
        [EVENT_CLIENT_SET] = SKIM_WHOLE,
        [EVENT_CONTACT_SET] = SKIM_WHOLE,
        [EVENT_SETTING_SET] = SKIM_WHOLE,
        [EVENT_REPORT_SUBMITTED] = SKIM_FIELD(report, answers) | SKIM_FIELD(report, activity),
        [EVENT_NOTICE_ISSUED] = SKIM_WHOLE,
        [EVENT_NOTICE_READ] = SKIM_WHOLE,
        [EVENT_NOTICE_CONFIRMED] = SKIM_WHOLE,
        [EVENT_NOTICE_ANSWERED] = SKIM_WHOLE,
        [EVENT_NOTICE_RECALLED] = SKIM_WHOLE,
        [EVENT_DELIVERY_UPDATED] = SKIM_WHOLE,
        [EVENT_NOTICE_RESENT] = SKIM_WHOLE,
        [EVENT_RULE_SET] = SKIM_WHOLE,
        [EVENT_SILENCE_SET] = SKIM_WHOLE,
        [EVENT_ALERT_RAISED] = SKIM_WHOLE,
        [EVENT_ALERT_CLEARED] = SKIM_WHOLE,
        [EVENT_CLOCK_DAY] = SKIM_WHOLE,
        [EVENT_PERSON_ERASED] = SKIM_WHOLE,
        [EVENT_TEXT_REDACTED] = SKIM_WHOLE,
    }};

/* In a scratch file a rule of its own is tried out, and nothing is sent. */
static bool is_passed_over(const struct folding *folding) {
    enum event_type type = folding->event->type;
    return folding->store->trial && (event_is_of_notifier(type) || type == EVENT_RULE_SET || type == EVENT_SILENCE_SET);
}

static int fold_event(const struct folding *folding) {
    const struct event *event = folding->event;
    if (is_passed_over(folding)) {
        return 0;
    }
    const struct fold *fold = event->type < EVENT_TYPE_COUNT && event->body ? &folds[event->type] : NULL;
    int result = fold && fold->always ? store_begin(folding->store, folding->error) : 0;
    if (fold && fold->run && result == 0) {
        result = fold->run(folding);
    }
    return result < 0 || !fold ? result : with_rules(folding, fold_for_rules);
}

int fold_block(struct store *store, const struct journal_block *block, const struct position *after,
               struct arena *arena, struct fold_news *news, struct error *error) {
    struct position before = store->position;
    struct hash hash_before = store->hash;
    struct skim skim = wanted;
    struct block_walk walk = {.block = block, .wanted = &skim};
    struct event event;
    struct folding folding = {
        .store = store, .event = &event, .arena = arena, .news = news, .wanted = &skim, .error = error};
    int result = store_read(store, error);
    result = result < 0 ? result : fold_wanted(store, &skim, error);
    result = result < 0 ? result : 1;
    arena_reset(arena);
    while (result == 1) {
        result = block_next(&walk, arena, &event, error);
        if (result == 1) {
            int folded = fold_event(&folding);
            result = folded < 0 ? folded : 1;
        }
    }
    if (result == 0) {
        store->position = *after;
        store->hash = block->hash;
        result = store_commit(store, error);
    }
    if (result < 0) {
        store_rollback(store);
        store->position = before;
        store->hash = hash_before;
    }
    return result;
}
