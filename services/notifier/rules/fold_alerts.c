/* Alerts in the fold: they come back from the journal and become messages; they are cleared. */
#include <stdio.h>

#include "services/notifier/forget.h"
#include "services/notifier/replies.h"
#include "services/notifier/restraint/stir.h"
#include "services/notifier/rules/escalation.h"
#include "services/notifier/rules/firing.h"
#include "services/notifier/rules/fold_rules.h"
#include "services/notifier/rules/recipients.h"

#define ALERTS_AT_A_TIME 64

/* ---- messages ---- */

struct alerting {
    const struct rule_folding *folding;
    const struct notice_row *notice;
    const struct list *channels;
    const struct rule *rule;                /* that raised it; NULL: it is not there any more */
    const struct wire_recipient *recipient; /* the one being taken */
    struct text *persons;                   /* who has a message of this alert */
    uint32_t count;
    uint32_t room;
    int64_t place;
};

static int note_person(struct alerting *alerting, struct text person) {
    struct arena *arena = alerting->folding->arena;
    if (alerting->count == alerting->room) {
        uint32_t room = alerting->room * 2 + 16;
        struct text *more = arena_alloc(arena, room * sizeof *more);
        if (!more) {
            return error_set(alerting->folding->error, ERR_NO_MEMORY, (struct error_words){0});
        }
        if (alerting->count > 0) {
            memcpy(more, alerting->persons, alerting->count * sizeof *more);
        }
        alerting->persons = more;
        alerting->room = room;
    }
    char *kept = arena_copy(arena, person.data, person.length);
    alerting->persons[alerting->count++] = (struct text){kept, person.length};
    return kept ? 0 : error_set(alerting->folding->error, ERR_NO_MEMORY, (struct error_words){0});
}

static bool is_told(const struct alerting *alerting, struct text person) {
    for (uint32_t i = 0; i < alerting->count; i++) {
        if (text_equal(alerting->persons[i], person)) {
            return true;
        }
    }
    return false;
}

/* The first channel of the list, from `from` on, by which the contact can be reached: its place, or the list's length. */
static uint32_t find_channel(const struct list *channels, uint32_t from, const struct contact_row *contact) {
    const struct text *words = channels->items;
    for (uint32_t i = from; i < channels->count; i++) {
        int channel = word_find(KIND_CHANNEL, words[i]);
        if (channel >= 0 && contact->addresses[channel].length > 0) {
            return i;
        }
    }
    return channels->count;
}

static int add_message(struct store *store, const struct notice_row *notice, const struct contact_row *contact,
                       struct text channel_word, int64_t place, struct error *error) {
    struct outbox_row row = {
        .notice = notice->id,
        .notice_seq = notice->seq,
        .issued_at = notice->received_at,
        .urgent = notice->urgent,
        .channel = (enum channel)word_find(KIND_CHANNEL, channel_word),
        .place = place,
        .contact = contact->event,
        .course = {.state = DELIVERY_PENDING, .since = notice->received_at, .removed = notice->removed},
    };
    snprintf(row.person, sizeof row.person, "%s", contact->person.data);
    snprintf(row.unit, sizeof row.unit, "%s", contact->unit.data);
    snprintf(row.name, sizeof row.name, "%s", contact->name.data);
    snprintf(row.address, sizeof row.address, "%s", contact->addresses[row.channel].data);
    int added = outbox_add(&store->outbox, &row, error);
    int given = added < 0 ? added : replies_give(store, &row, 0, error);
    return given < 0 ? given : added;
}

/* Whether the message that was added last waits for others. */
static int join_group(const struct alerting *alerting, const struct contact_row *contact, struct text channel_word) {
    const struct rule_folding *folding = alerting->folding;
    const struct event *event = folding->event;
    struct group_row group = {.row = folding->store->outbox.last,
                              .channel = (enum channel)word_find(KIND_CHANNEL, channel_word),
                              .came = event->received_at};
    snprintf(group.person, sizeof group.person, "%s", contact->person.data);
    bool waits = alerting->rule && grouping_of(alerting->rule->body, &event->body->alert, alerting->recipient,
                                               event->unit, event->received_at, &group.grouping);
    return waits ? groups_put(&folding->store->groups, &group, folding->error) : 0;
}

static int take_recipient(void *data, const struct contact_row *contact) {
    struct alerting *alerting = data;
    const struct rule_folding *folding = alerting->folding;
    const struct text *words = alerting->channels->items;
    uint32_t channel = find_channel(alerting->channels, 0, contact);
    if (channel == alerting->channels->count || is_told(alerting, contact->person)) {
        return 0;
    }
    int result = note_person(alerting, contact->person);
    result = result < 0 ? result
                        : add_message(folding->store, alerting->notice, contact, words[channel], alerting->place++,
                                      folding->error);
    *folding->messages += result == 1;
    return result < 1 ? result : join_group(alerting, contact, words[channel]);
}

static int add_messages(const struct rule_folding *folding, const struct notice_row *notice) {
    const struct wire_alert *alert = &folding->event->body->alert;
    const struct wire_recipient *recipients = alert->recipients.items;
    struct rulebook *rulebook = &folding->store->rulebook;
    int result = rulebook_read(rulebook, folding->error);
    const struct rule *rule = result < 0 ? NULL : rulebook_find(rulebook, alert->rule);
    struct alerting alerting = {.folding = folding,
                                .notice = notice,
                                .channels = &alert->channels,
                                .rule = rule && rule->body->version == alert->version ? rule : NULL};
    for (uint32_t i = 0; i < alert->recipients.count && result >= 0; i++) {
        alerting.recipient = &recipients[i];
        result = recipients_each(&folding->store->contacts, &recipients[i], folding->event->unit, take_recipient,
                                 &alerting, folding->error);
    }
    *folding->unreached += result >= 0 && alerting.count == 0;
    return result < 0 ? result : 0;
}

/* ---- the next channel ---- */

/* What one channel's word is behind another's among words that spaces separate. */
static bool split_channels(struct text joined, struct text words[CHANNEL_COUNT], struct list *channels) {
    struct text word;
    *channels = (struct list){.items = words};
    while (channels->count < CHANNEL_COUNT && notice_next_unit(&joined, &word)) {
        words[channels->count++] = word;
    }
    return channels->count > 0;
}

static uint32_t place_of(const struct list *channels, enum channel channel) {
    const struct text *words = channels->items;
    uint32_t place = 0;
    while (place < channels->count && word_find(KIND_CHANNEL, words[place]) != (int)channel) {
        place++;
    }
    return place;
}

struct next_channel {
    struct store *store;
    const struct outbox_row *row;
    const struct notice_row *notice;
    struct list channels;
    bool found;
    struct error *error;
};

static int take_next(void *data, const struct contact_row *contact) {
    struct next_channel *next = data;
    const struct text *words = next->channels.items;
    uint32_t place = find_channel(&next->channels, place_of(&next->channels, next->row->channel) + 1, contact);
    if (place >= next->channels.count) {
        return 0;
    }
    next->found = true;
    int added = add_message(next->store, next->notice, contact, words[place], next->row->place, next->error);
    return added < 0 ? added : 0;
}

int fold_next_channel(struct store *store, const struct outbox_row *row, struct error *error) {
    bool refused = row->course.state == DELIVERY_UNDELIVERED || row->course.state == DELIVERY_DEAD;
    struct notice_row notice;
    struct text words[CHANNEL_COUNT];
    int result = refused && !row->course.removed ? notices_get(&store->notices, row->notice_seq, &notice, error) : 0;
    if (result < 1) {
        return result;
    }
    struct next_channel next = {.store = store, .row = row, .notice = &notice, .error = error};
    if (!split_channels(notice.channels, words, &next.channels)) {
        return 0;
    }
    result = contacts_find(&store->contacts, text_of(row->unit), text_of(row->person), take_next, &next, error);
    return result < 0 ? result : next.found;
}

/* ---- alerts ---- */

static const char *join(const struct list *list, struct arena *arena) {
    const struct text *items = list->items;
    struct buffer joined = {0};
    for (uint32_t i = 0; i < list->count; i++) {
        buffer_append_string(&joined, i > 0 ? " " : "");
        buffer_append(&joined, items[i].data, items[i].length);
    }
    const char *kept = joined.failed ? NULL : arena_copy(arena, joined.data, joined.length);
    buffer_free(&joined);
    return kept;
}

/* The text that stands for the notice: the one without a channel, else the first. */
static const struct wire_alert_text *main_text(const struct wire_alert *alert) {
    const struct wire_alert_text *items = alert->texts.items;
    for (uint32_t i = 0; i < alert->texts.count; i++) {
        if (!wire_has(items[i].present, FIELD_alert_text_channel)) {
            return &items[i];
        }
    }
    return alert->texts.count > 0 ? items : NULL;
}

static int put_notice(const struct rule_folding *folding, struct notice_row *notice) {
    const struct event *event = folding->event;
    const struct wire_alert *alert = &event->body->alert;
    const struct wire_alert_text *text = main_text(alert);
    const struct wire_alert_text *items = alert->texts.items;
    const char *channels = join(&alert->channels, folding->arena);
    if (!channels) {
        return error_set(folding->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *notice = (struct notice_row){
        .seq = (int64_t)event->seq,
        .id = event->id,
        .unit = event->unit,
        .units = event->unit,
        .urgent = alert->urgent,
        .received_at = event->received_at,
        .source = event->source,
        .removed = !text,
        .title = text ? text->title : (struct text){0},
        .text = text ? text->text : (struct text){0},
        .rule = alert->rule,
        .channels = text_of(channels),
    };
    int result = notices_put(&folding->store->notices, notice, folding->error);
    for (uint32_t i = 0; i < alert->texts.count && result >= 0; i++) {
        if (wire_has(items[i].present, FIELD_alert_text_channel)) {
            result = notices_put_text(&folding->store->notices, notice->seq, items[i].channel, items[i].title,
                                      items[i].text, folding->error);
        }
    }
    return result;
}

/* What the alert told of it. With a later round it stands again, unless it is over by now. */
static void note_told(struct incident *incident, const struct event *event) {
    const struct wire_alert *alert = &event->body->alert;
    if (alert->round > incident->round) {
        incident->round = alert->round;
        incident->first_at = event->received_at;
        incident->steps = incident->repeats = 0;
        incident->end = incident->end == INCIDENT_CLEARED ? INCIDENT_CLEARED : INCIDENT_STANDS;
    } else if (alert->round == incident->round) {
        incident->steps = alert->step > incident->steps ? alert->step : incident->steps;
        incident->repeats = alert->repeat > incident->repeats ? alert->repeat : incident->repeats;
    }
}

/* Its incident moves on, or begins. */
static int move_on(const struct rule_folding *folding) {
    const struct event *event = folding->event;
    const struct wire_alert *alert = &event->body->alert;
    struct rulebook *rulebook = &folding->store->rulebook;
    struct incident incident = {.version = alert->version, .first_at = event->received_at};
    struct next_telling next;
    struct id first = firing_first(alert, event->unit);
    int result = rulebook_read(rulebook, folding->error);
    result = result < 0 ? result : incidents_get(&folding->store->incidents, &first, &incident, folding->error);
    if (result < 0) {
        return result;
    }
    incident.first = first;
    snprintf(incident.rule, sizeof incident.rule, "%.*s", (int)alert->rule.length, alert->rule.data);
    snprintf(incident.unit, sizeof incident.unit, "%.*s", (int)event->unit.length, event->unit.data);
    snprintf(incident.subject, sizeof incident.subject, "%.*s", (int)alert->subject.length, alert->subject.data);
    snprintf(incident.period, sizeof incident.period, "%.*s", (int)alert->period.length, alert->period.data);
    note_told(&incident, event);
    const struct rule *rule = rulebook_find(rulebook, alert->rule);
    const struct told_so_far told = {incident.first_at, incident.steps, incident.repeats};
    bool goes_on = rule && rule_is_on(rule) && rule->body->version == incident.version &&
                   escalation_next(rule->body, &told, &next);
    if (incident.end == INCIDENT_STANDS) {
        incident.next_at = goes_on ? next.at : 0;
    }
    result = incidents_put(&folding->store->incidents, &incident, folding->error);
    return result < 0 ? result : incidents_note_alert(&folding->store->incidents, &event->id, &first, folding->error);
}

int fold_alert(const struct rule_folding *folding) {
    struct notice_row notice;
    int result = put_notice(folding, &notice);
    result = result < 0 ? result : move_on(folding);
    result = result < 0 ? result : add_messages(folding, &notice);
    return result < 0 ? result : tellings_remove_event(&folding->store->tellings, &folding->event->id, folding->error);
}

/* What was not sent of the incident's alerts will not be. */
static int cancel_messages(const struct rule_folding *folding, const struct id *first) {
    struct id alerts[ALERTS_AT_A_TIME];
    int count = incidents_alerts(&folding->store->incidents, first, alerts, ALERTS_AT_A_TIME, folding->error);
    int result = count;
    for (int i = 0; i < count && result >= 0; i++) {
        struct notice_row notice;
        result = notices_find(&folding->store->notices, &alerts[i], &notice, folding->error);
        result = result == 1 ? forget_unsent(folding->store, notice.seq, folding->error) : result;
    }
    return result < 0 ? result : 0;
}

int fold_clearing(const struct rule_folding *folding) {
    const struct id *first = &folding->event->body->alert_clearing.alert;
    struct incident incident;
    int result = incidents_get(&folding->store->incidents, first, &incident, folding->error);
    if (result == 1) {
        incident.end = INCIDENT_CLEARED;
        incident.next_at = 0;
        result = incidents_put(&folding->store->incidents, &incident, folding->error);
    }
    result = result < 0 ? result : codes_end(&folding->store->codes, first, CODE_OVER, folding->error);
    result = result < 0 ? result : cancel_messages(folding, first);
    result = result < 0 ? result : stir_alerts(folding->store, folding->event->received_at, folding->error);
    return result < 0 ? result : tellings_remove_event(&folding->store->tellings, &folding->event->id, folding->error);
}
