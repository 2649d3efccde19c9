/* Self-watch. */
#include "services/notifier/watch/watch.h"

#include <stdio.h>

#include "common/clock.h"
#include "services/notifier/notifier.h"
#include "services/notifier/restraint/quiet.h"
#include "services/notifier/rules/firing.h"

#define LOOK_US INT64_C(5000000)
#define MS_PER_MINUTE INT64_C(60000)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define FIRSTS 8
#define SUBJECT_SIZE 40
#define PERIOD_SIZE 24

/* ---- figures ---- */

int watch_figures(struct notifier *notifier, enum channel channel, struct trouble_figures *figures,
                  struct error *error) {
    int64_t now = notifier_now(notifier);
    const struct trouble_limits *limits = &notifier->watch.limits;
    const struct outbox_span span = {
        .channel = channel, .day = now - 24 * MS_PER_HOUR, .reported_by = now - limits->reports_ms};
    struct outbox_figures found;
    int result = outbox_figures(&notifier->store.outbox, &span, &found, error);
    bool reports = notifier->rules.reports && channel == CHANNEL_SMS;
    *figures = (struct trouble_figures){
        .open = found.open,
        .oldest_at = found.oldest_at,
        .dead = found.dead,
        .breakers = channels_facts(notifier->channels).open[channel],
        .unreported = reports ? found.unreported : 0,
        .reported = found.reported,
    };
    return result;
}

/* ---- alarms ---- */

/* By all other channels that there are. */
static uint32_t other_channels(const struct notifier *notifier, enum channel broken, struct text out[CHANNEL_COUNT]) {
    static const enum channel order[CHANNEL_COUNT] = {CHANNEL_EMAIL, CHANNEL_SMS, CHANNEL_GOVDING, CHANNEL_ROBOT};
    uint32_t count = 0;
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        if (order[i] != broken && channels_configured(notifier->channels, order[i])) {
            out[count++] = text_of(word_wire(KIND_CHANNEL, (int)order[i]));
        }
    }
    return count;
}

static int count_one(void *data, const struct contact_row *row) {
    (void)row;
    *(bool *)data = true;
    return 0;
}

/* The office and who is on duty; where the brigade has neither, all its own contacts. */
static int choose_recipients(struct notifier *notifier, struct text unit, struct wire_recipient recipients[2],
                             struct list *list, struct error *error) {
    static const char *const posts[] = {"office", "duty"};
    bool there = false;
    int result = 0;
    for (int i = 0; i < 2 && result >= 0; i++) {
        recipients[i] = (struct wire_recipient){.of = text_of("own"), .post = text_of(posts[i])};
        wire_set(&recipients[i].present, FIELD_recipient_of);
        wire_set(&recipients[i].present, FIELD_recipient_post);
        result = contacts_of_post(&notifier->store.contacts, unit, recipients[i].post, count_one, &there, error);
    }
    *list = (struct list){recipients, 2};
    if (!there) {
        recipients[0] = (struct wire_recipient){.of = text_of("own")};
        wire_set(&recipients[0].present, FIELD_recipient_of);
        list->count = 1;
    }
    return result < 0 ? result : 0;
}

static void name_trouble(enum trouble trouble, enum channel channel, char subject[SUBJECT_SIZE]) {
    snprintf(subject, SUBJECT_SIZE, "%s %s", trouble_word(trouble), word_wire(KIND_CHANNEL, (int)channel));
}

static int raise_alarm(struct notifier *notifier, enum trouble trouble, enum channel channel,
                       const struct trouble_figures *figures, struct error *error) {
    struct watch *watch = &notifier->watch;
    struct text channels[CHANNEL_COUNT];
    struct wire_recipient recipients[2];
    struct wire_rule body = {.rule = text_of(RULE_SELF_WATCH), .version = 1, .urgent = trouble == TROUBLE_BREAKER};
    struct rule rule = {.body = &body, .type = -1};
    char root[EVENT_UNIT_MAX + 1];
    char subject[SUBJECT_SIZE];
    char period[PERIOD_SIZE];
    char words[TROUBLE_TEXT_SIZE];
    int64_t now = notifier_now(notifier);
    body.channels = (struct list){channels, other_channels(notifier, channel, channels)};
    int found = units_root(&notifier->store.units, root, error);
    int result = found < 1 ? found : choose_recipients(notifier, text_of(root), recipients, &body.recipients, error);
    if (result < 0 || found == 0 || body.channels.count == 0) {
        return result;
    }
    name_trouble(trouble, channel, subject);
    snprintf(period, sizeof period, "day %lld", (long long)quiet_day(&notifier->restraint.quiet, now));
    trouble_text(trouble, channel, figures, now, words);
    struct wire_alert_text text = {.title = text_of("通知系统报警"), .text = text_of(words)};
    wire_set(&text.present, FIELD_alert_text_title);
    wire_set(&text.present, FIELD_alert_text_text);
    const struct list texts = {&text, 1};
    const struct firing firing = {.rule = &rule,
                                  .unit = text_of(root),
                                  .subject = text_of(subject),
                                  .period = text_of(period),
                                  .at = now,
                                  .texts = &texts};
    arena_reset(watch->arena);
    result = firing_tell(&notifier->store, &firing, watch->arena, error);
    return result < 0 ? result : 0;
}

/* All of its days that still stand. */
static int clear_alarm(struct notifier *notifier, enum trouble trouble, enum channel channel, struct error *error) {
    struct id firsts[FIRSTS];
    char subject[SUBJECT_SIZE];
    name_trouble(trouble, channel, subject);
    int count =
        incidents_choose(&notifier->store.incidents, INCIDENTS_OF_SUBJECT, text_of(subject), 0, firsts, FIRSTS, error);
    int result = count;
    for (int i = 0; i < count && result >= 0; i++) {
        struct incident incident;
        result = incidents_get(&notifier->store.incidents, &firsts[i], &incident, error);
        if (result == 1 && text_equal(text_of(incident.rule), text_of(RULE_SELF_WATCH))) {
            result = firing_clear(&notifier->store, &incident, "over", notifier_now(notifier), error);
        }
    }
    return result < 0 ? result : 0;
}

/* ---- a look ---- */

static void log_once(struct notifier *notifier, enum trouble trouble, enum channel channel, bool stands) {
    bool *logged = &notifier->watch.logged[channel][trouble];
    if (stands && !*logged) {
        log_write(&notifier->service->log, LOG_LEVEL_ERROR, "a channel is in trouble", "channel=%s trouble=%s",
                  word_wire(KIND_CHANNEL, (int)channel), trouble_word(trouble));
    }
    *logged = stands;
}

static int look_at(struct notifier *notifier, enum trouble trouble, enum channel channel,
                   const struct trouble_figures *figures, struct error *error) {
    struct watch *watch = &notifier->watch;
    int64_t now = notifier_now(notifier);
    bool there = trouble_is_there(trouble, figures, &watch->limits, now);
    enum trouble_turn turn = trouble_look(&watch->watches[channel][trouble], there, &watch->limits, now);
    if (turn == TROUBLE_UNDECIDED) {
        return 0;
    }
    bool stands = turn == TROUBLE_STANDS;
    watch->standing += stands;
    log_once(notifier, trouble, channel, stands);
    return stands ? raise_alarm(notifier, trouble, channel, figures, error)
                  : clear_alarm(notifier, trouble, channel, error);
}

static int apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct watch *watch = (struct watch *)work;
    int result = 0;
    if (notifier->draining) {
        return 0; /* the channels are gone, or going */
    }
    watch->standing = 0;
    watch->dead = 0;
    watch->unreported = 0;
    for (int channel = 0; channel < CHANNEL_COUNT && result == 0; channel++) {
        struct trouble_figures figures;
        result = watch_figures(notifier, (enum channel)channel, &figures, error);
        for (int trouble = 0; trouble < TROUBLE_COUNT && result == 0; trouble++) {
            result = look_at(notifier, (enum trouble)trouble, (enum channel)channel, &figures, error);
        }
        watch->dead += result == 0 ? figures.dead : 0;
        watch->unreported += result == 0 ? figures.unreported : 0;
    }
    return result;
}

static void done(struct notifier *notifier, struct work *work) {
    struct watch *watch = (struct watch *)work;
    struct metrics *metrics = &notifier->service->metrics;
    watch->busy = false;
    metrics_set(metrics, METRIC_TROUBLES, watch->standing);
    metrics_set(metrics, METRIC_OUTBOX_DEAD, watch->dead);
    metrics_set(metrics, METRIC_UNREPORTED, watch->unreported);
}

/* ---- life ---- */

void watch_tick(struct notifier *notifier) {
    struct watch *watch = &notifier->watch;
    int64_t now_us = clock_monotonic_us();
    if (!watch->arena || watch->busy || !notifier->gate_open || notifier->draining ||
        (watch->looked_us > 0 && now_us - watch->looked_us < LOOK_US)) {
        return;
    }
    watch->looked_us = now_us;
    watch->busy = true;
    turn_add(notifier, &watch->work);
}

int watch_open(struct notifier *notifier, struct error *error) {
    const struct config *config = notifier->service->config;
    notifier->watch = (struct watch){
        .work = {.apply = apply, .done = done},
        .limits = {.oldest_ms = config_int(config, SETTING_WATCH_OLDEST) * MS_PER_MINUTE,
                   .standing_ms = config_int(config, SETTING_WATCH_STANDING) * MS_PER_MINUTE,
                   .reports_ms = config_int(config, SETTING_WATCH_REPORTS) * MS_PER_HOUR},
        .arena = arena_create(SIZE_MAX),
    };
    return notifier->watch.arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

void watch_free(struct notifier *notifier) {
    arena_destroy(&notifier->watch.arena);
}
