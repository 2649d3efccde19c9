/* Firings. */
#include "services/notifier/rules/firing.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/codec.h"
#include "services/notifier/store.h"

#define MATERIAL_BYTES 1000

/* ---- ids ---- */

struct id firing_id(const struct firing *firing) {
    char material[MATERIAL_BYTES];
    int length =
        snprintf(material, sizeof material, "alert %.*s %" PRId64 "\n%.*s\n%.*s\n%.*s\n%" PRId64 " %" PRId64,
                 (int)firing->rule->body->rule.length, firing->rule->body->rule.data, firing->rule->body->version,
                 (int)firing->unit.length, firing->unit.data, (int)firing->subject.length, firing->subject.data,
                 (int)firing->period.length, firing->period.data, firing->step, firing->repeat);
    if (firing->round > 0) {
        length += snprintf(material + length, sizeof material - (size_t)length, " round %" PRId64, firing->round);
    }
    return id_derive(0, material, (size_t)length);
}

struct id firing_first(const struct wire_alert *alert, struct text unit) {
    const struct wire_rule body = {.rule = alert->rule, .version = alert->version};
    const struct rule rule = {.body = &body};
    const struct firing first = {.rule = &rule, .unit = unit, .subject = alert->subject, .period = alert->period};
    return firing_id(&first);
}

/* ---- the event ---- */

static bool fill_text(struct text template, const struct template_values *values, struct arena *arena,
                      struct text *out) {
    struct buffer buffer = {0};
    template_fill(template, values, &buffer);
    *out = (struct text){arena_copy(arena, buffer.data ? buffer.data : (const uint8_t *)"", buffer.length),
                         (uint32_t)buffer.length};
    bool made = !buffer.failed && out->data;
    buffer_free(&buffer);
    return made;
}

static bool fill_texts(const struct firing *firing, struct arena *arena, struct list *texts) {
    const struct wire_rule_template *templates = firing->rule->body->templates.items;
    uint32_t count = firing->rule->body->templates.count;
    if (firing->texts) {
        *texts = *firing->texts;
        return true;
    }
    struct wire_alert_text *items = arena_alloc(arena, (count + 1) * sizeof *items);
    bool made = items != NULL;
    for (uint32_t i = 0; made && i < count; i++) {
        items[i].channel = templates[i].channel;
        items[i].present = UINT64_C(1) << FIELD_alert_text_title | UINT64_C(1) << FIELD_alert_text_text;
        if (wire_has(templates[i].present, FIELD_rule_template_channel)) {
            wire_set(&items[i].present, FIELD_alert_text_channel);
        }
        made = fill_text(templates[i].title, firing->values, arena, &items[i].title) &&
               fill_text(templates[i].text, firing->values, arena, &items[i].text);
    }
    *texts = (struct list){items, made ? count : 0};
    return made;
}

/* A step names its recipient itself, all else tells those whom the rule names first. */
static bool fill_recipients(const struct firing *firing, struct arena *arena, struct list *recipients) {
    if (firing->step == 0) {
        *recipients = firing->rule->body->recipients;
        return true;
    }
    const struct wire_rule_step *step = (const struct wire_rule_step *)firing->rule->body->steps.items;
    struct wire_recipient *item = arena_alloc(arena, sizeof *item);
    step += firing->step - 1;
    if (item) {
        *item = (struct wire_recipient){.of = step->of, .unit = step->unit, .post = step->post};
        wire_set(&item->present, FIELD_recipient_of);
        item->present |= wire_has(step->present, FIELD_rule_step_unit) ? UINT64_C(1) << FIELD_recipient_unit : 0;
        item->present |= wire_has(step->present, FIELD_rule_step_post) ? UINT64_C(1) << FIELD_recipient_post : 0;
    }
    *recipients = (struct list){item, item ? 1 : 0};
    return item != NULL;
}

static void fill_alert(const struct firing *firing, struct wire_alert *alert) {
    const bool present[FIELD_COUNT_alert] = {
        [FIELD_alert_rule] = true,
        [FIELD_alert_version] = true,
        [FIELD_alert_subject] = true,
        [FIELD_alert_period] = true,
        [FIELD_alert_step] = firing->step > 0,
        [FIELD_alert_repeat] = firing->repeat > 0,
        [FIELD_alert_round] = firing->round > 0,
        [FIELD_alert_urgent] = firing->rule->body->urgent,
        [FIELD_alert_recipients] = true,
        [FIELD_alert_channels] = true,
        [FIELD_alert_texts] = true,
    };
    alert->rule = firing->rule->body->rule;
    alert->version = firing->rule->body->version;
    alert->subject = firing->subject;
    alert->period = firing->period;
    alert->step = firing->step;
    alert->repeat = firing->repeat;
    alert->round = firing->round;
    alert->urgent = firing->rule->body->urgent;
    alert->channels = firing->rule->body->channels;
    for (unsigned i = 0; i < FIELD_COUNT_alert; i++) {
        alert->present |= (uint64_t)present[i] << i;
    }
}

struct event *firing_event(const struct firing *firing, struct arena *arena) {
    struct event *event = arena_alloc(arena, sizeof *event);
    union event_body *body = arena_alloc(arena, sizeof *body);
    if (!event || !body || !fill_recipients(firing, arena, &body->alert.recipients) ||
        !fill_texts(firing, arena, &body->alert.texts)) {
        return NULL;
    }
    fill_alert(firing, &body->alert);
    *event = (struct event){.id = firing_id(firing),
                            .type = EVENT_ALERT_RAISED,
                            .unit = firing->unit,
                            .at = firing->at,
                            .has_cause = firing->cause != NULL,
                            .has_side = true,
                            .body = body};
    if (firing->cause) {
        event->cause = *firing->cause;
    }
    return event;
}

/* ---- telling ---- */

int firing_tell(struct store *store, const struct firing *firing, struct arena *arena, struct error *error) {
    struct incident incident;
    const struct event *event = firing_event(firing, arena);
    if (!event) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int known = incidents_of_alert(&store->incidents, &event->id, &incident, error);
    known = known == 0 ? tellings_has(&store->tellings, &event->id, error) : known;
    if (known != 0) {
        return known < 0 ? known : 0;
    }
    int result = store_begin(store, error);
    result = result < 0 ? result : tellings_add_event(&store->tellings, event, error);
    return result < 0 ? result : 1;
}

int firing_clear(struct store *store, struct incident *incident, const char *reason, int64_t at, struct error *error) {
    union event_body body = {.alert_clearing = {.alert = incident->first, .reason = text_of(reason)}};
    uint8_t material[ID_BYTES + 8] = "cleared ";
    wire_set(&body.alert_clearing.present, FIELD_alert_clearing_alert);
    wire_set(&body.alert_clearing.present, FIELD_alert_clearing_reason);
    memcpy(material + 8, incident->first.bytes, ID_BYTES);
    struct event event = {.id = id_derive(0, material, sizeof material),
                          .type = EVENT_ALERT_CLEARED,
                          .unit = text_of(incident->unit),
                          .at = at,
                          .has_cause = true,
                          .cause = incident->first,
                          .body = &body};
    incident->end = INCIDENT_CLEARED;
    incident->next_at = 0;
    int result = store_begin(store, error);
    result = result < 0 ? result : incidents_put(&store->incidents, incident, error);
    return result < 0 ? result : tellings_add_event(&store->tellings, &event, error);
}

/* ---- what is too old ---- */

struct dropping {
    struct store *store;
    struct arena *arena;
    int64_t before;
    int64_t *dropped;
    struct error *error;
};

static int drop_old(void *data, const struct telling *telling) {
    struct dropping *dropping = data;
    struct event event;
    struct faults faults = {0};
    if (telling->row != 0) {
        return 0;
    }
    arena_reset(dropping->arena);
    bool raised =
        codec_decode_event(telling->event, dropping->arena, &event, &faults) == 0 && event.type == EVENT_ALERT_RAISED;
    if (!raised || event.at >= dropping->before) {
        return 0;
    }
    int result = store_begin(dropping->store, dropping->error);
    *dropping->dropped += 1;
    return result < 0 ? result : tellings_remove(&dropping->store->tellings, telling->number, dropping->error);
}

int firing_drop_old(struct store *store, int64_t before, int64_t *dropped, struct error *error) {
    struct arena *arena = arena_create(SIZE_MAX);
    struct dropping dropping = {store, arena, before, dropped, error};
    int result = arena ? tellings_each(&store->tellings, 0, drop_old, &dropping, error)
                       : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    arena_destroy(&arena);
    return result;
}
