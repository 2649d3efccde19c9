/* Duty. */
#include "services/notifier/rules/duty.h"

#include <stdio.h>

#include "proto/sms.h"
#include "services/notifier/rules/escalation.h"
#include "services/notifier/rules/finding.h"
#include "services/notifier/rules/firing.h"

#define MS_PER_HOUR INT64_C(3600000)
#define TEXTS_MAX (CHANNEL_COUNT + 1)
#define TITLE_UNITS_MAX 100 /* rows of tables/office.h: characters of an alert's title */
#define AGAIN "已答复未办结："

/* What the rule has looked at already; what was due before it was set, or too long ago, is never told. */
int duty_looked(const struct duty *duty, const struct rule *rule, int64_t *at, struct error *error) {
    int64_t oldest = duty->now - duty->expire_ms;
    int found = looked_get(&duty->store->looked, rule, at, error);
    *at = found == 1 ? *at : rule->since;
    *at = *at > oldest ? *at : oldest;
    return found < 0 ? found : 0;
}

/* ---- steps, repeats, rounds ---- */

/* The words of the first alert, for every channel: 1, or 0 when they were removed. */
static int read_texts(const struct duty *duty, const struct incident *incident, struct wire_alert_text *texts,
                      struct list *list, struct error *error) {
    struct notice_row notice;
    int found = notices_find(&duty->store->notices, &incident->first, &notice, error);
    *list = (struct list){.items = texts};
    for (int channel = -1; channel < CHANNEL_COUNT && found == 1; channel++) {
        struct notice_row own = notice;
        int there = channel < 0 ? 1 : notices_get_text(&duty->store->notices, channel, &own, error);
        if (there < 0) {
            return there;
        }
        if (there == 1) {
            struct wire_alert_text *text = &texts[list->count++];
            *text =
                (struct wire_alert_text){.channel = channel < 0 ? 0 : channel, .title = own.title, .text = own.text};
            text->present = UINT64_C(1) << FIELD_alert_text_title | UINT64_C(1) << FIELD_alert_text_text;
            text->present |= channel < 0 ? 0 : UINT64_C(1) << FIELD_alert_text_channel;
        }
    }
    return found < 1 ? found : !notice.removed;
}

/* What begins again says so, where there is room for it. */
static bool mark_again(struct arena *arena, struct list *texts) {
    struct wire_alert_text *items = (struct wire_alert_text *)texts->items;
    for (uint32_t i = 0; i < texts->count; i++) {
        uint32_t more = sms_units(text_of(AGAIN));
        uint32_t length = (uint32_t)strlen(AGAIN) + items[i].title.length;
        if (more + sms_units(items[i].title) > TITLE_UNITS_MAX ||
            more + sms_notice_units(items[i].title, items[i].text) > SMS_NOTICE_UNITS_MAX) {
            continue;
        }
        char *marked = arena_alloc(arena, length + 1);
        if (!marked) {
            return false;
        }
        snprintf(marked, length + 1, "%s%.*s", AGAIN, (int)items[i].title.length, items[i].title.data);
        items[i].title = (struct text){marked, length};
    }
    return true;
}

static int tell_next(const struct duty *duty, const struct rule *rule, struct incident *incident,
                     const struct next_telling *next, struct error *error) {
    struct wire_alert_text texts[TEXTS_MAX];
    struct list list;
    int64_t round = incident->round + (next->step == 0 && next->repeat == 0);
    int result = read_texts(duty, incident, texts, &list, error);
    incident->next_at = 0; /* until the alert comes back from the journal */
    if (result == 1 && round > 0 && !mark_again(duty->arena, &list)) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result == 1) {
        const struct firing firing = {.rule = rule,
                                      .unit = text_of(incident->unit),
                                      .subject = text_of(incident->subject),
                                      .period = text_of(incident->period),
                                      .step = next->step,
                                      .repeat = next->repeat,
                                      .round = round,
                                      .at = next->at,
                                      .cause = &incident->first,
                                      .texts = &list};
        result = firing_tell(duty->store, &firing, duty->arena, error);
    }
    return result < 0 ? result : incidents_put(&duty->store->incidents, incident, error);
}

/* It was answered, and the deed did not follow: all begins again. Late is better than never. */
static int begin_again(const struct duty *duty, const struct rule *rule, struct incident *incident,
                       struct error *error) {
    const struct next_telling again = {.at = duty->now};
    bool due = rule && incident->next_at > 0 && incident->next_at <= duty->now;
    return due ? tell_next(duty, rule, incident, &again, error)
               : incidents_put(&duty->store->incidents, incident, error);
}

/* An incident whose time has come: the next one of it is told, and what is too old is passed over. */
int duty_go_on(const struct duty *duty, struct incident *incident, struct error *error) {
    const struct rule *rule = rulebook_find(&duty->store->rulebook, text_of(incident->rule));
    bool stands = rule && rule_is_on(rule) && rule->body->version == incident->version;
    struct next_telling next = {0};
    bool more = stands;
    incident->next_at = stands ? incident->next_at : 0;
    if (incident->end == INCIDENT_ANSWERED) {
        return begin_again(duty, stands ? rule : NULL, incident, error);
    }
    while (more) {
        const struct told_so_far told = {incident->first_at, incident->steps, incident->repeats};
        more = escalation_next(rule->body, &told, &next);
        if (!more || next.at > duty->now - duty->expire_ms) {
            break;
        }
        incident->steps = next.step > 0 ? next.step : incident->steps;
        incident->repeats = next.repeat > 0 ? next.repeat : incident->repeats;
    }
    if (more && next.at <= duty->now) {
        return tell_next(duty, rule, incident, &next, error);
    }
    incident->next_at = more ? next.at : 0;
    return incidents_put(&duty->store->incidents, incident, error);
}

bool duty_asks(const struct duty *duty, const struct incident *incident) {
    const struct rule *rule = rulebook_find(&duty->store->rulebook, text_of(incident->rule));
    return rule && rule_is_on(rule) && rule->body->version == incident->version && look_asks(look_kind(rule->body));
}

/* Those of rules that ask wait for the answer. */
static int run_incidents(const struct duty *duty, struct error *error) {
    struct incidents *incidents = &duty->store->incidents;
    struct id firsts[DUTY_FIRSTS];
    int moved = 1;
    while (moved > 0) {
        int count = incidents_choose(incidents, INCIDENTS_DUE, text_of(""), duty->now, firsts, DUTY_FIRSTS, error);
        moved = count < 0 ? count : 0;
        for (int i = 0; i < count && moved >= 0; i++) {
            struct incident incident;
            int found = incidents_get(incidents, &firsts[i], &incident, error);
            if (found == 1 && !duty_asks(duty, &incident)) {
                arena_reset(duty->arena);
                found = store_begin(duty->store, error);
                found = found < 0 ? found : duty_go_on(duty, &incident, error);
                moved++;
            }
            moved = found < 0 ? found : moved;
        }
    }
    return moved;
}

/* ---- what is open ---- */

struct overdue {
    const struct duty *duty;
    const struct rule *rule;
    struct error *error;
};

static int tell_overdue(void *data, const struct matter *matter) {
    const struct overdue *overdue = data;
    const struct duty *duty = overdue->duty;
    const struct rule *rule = overdue->rule;
    struct value_room room;
    char name[UNIT_NAME_BYTES + 1];
    char subject[ID_TEXT_SIZE];
    char period[DATE_TEXT_SIZE];
    int64_t at = matter->begun + rule->body->hours * MS_PER_HOUR;
    if (!rule_is_about(rule, text_of(matter->unit))) {
        return 0;
    }
    int found = units_name(&duty->store->units, text_of(matter->unit), name, overdue->error);
    id_format(&matter->subject, subject);
    day_format(values_day_of(matter->begun), period);
    values_start(&room, found == 1 ? text_of(name) : text_of(matter->unit), rule->body->name, at);
    values_day(&room, TEMPLATE_BEGUN, values_day_of(matter->begun));
    values_number(&room, TEMPLATE_HOURS, rule->body->hours);
    values_text(&room, TEMPLATE_PLACE, text_of(matter->place));
    const struct firing firing = {.rule = rule,
                                  .unit = text_of(matter->unit),
                                  .subject = text_of(subject),
                                  .period = text_of(period),
                                  .at = at,
                                  .cause = &matter->subject,
                                  .values = &room.values};
    arena_reset(duty->arena);
    int told = found < 0 ? found : firing_tell(duty->store, &firing, duty->arena, overdue->error);
    return told < 0 ? told : 0;
}

enum matter_kind duty_matter(const struct rule *rule) {
    return text_equal(rule->body->deadline, text_of("problem-open")) ? MATTER_PROBLEM : MATTER_NOTICE;
}

static int run_matters(const struct duty *duty, const struct rule *rule, struct error *error) {
    struct overdue overdue = {duty, rule, error};
    int64_t hours = rule->body->hours * MS_PER_HOUR;
    int64_t looked = 0;
    int result = duty_looked(duty, rule, &looked, error);
    if (result == 0) {
        result = matters_each(&duty->store->matters, duty_matter(rule), looked - hours, duty->now - hours, tell_overdue,
                              &overdue, error);
    }
    if (result <= 0) {
        return result;
    }
    result = store_begin(duty->store, error);
    return result < 0 ? result : looked_put(&duty->store->looked, rule, duty->now, error);
}

int duty_run(const struct duty *duty, struct error *error) {
    const struct rulebook *rulebook = &duty->store->rulebook;
    int result = rulebook_read(&duty->store->rulebook, error);
    for (uint32_t i = 0; i < rulebook->count && result >= 0; i++) {
        const struct rule *rule = &rulebook->rules[i];
        if (rule_is_on(rule) && look_kind(rule->body) == LOOK_MATTERS) {
            result = run_matters(duty, rule, error);
        }
    }
    result = result < 0 ? result : run_incidents(duty, error);
    return result < 0 ? result : 0;
}
