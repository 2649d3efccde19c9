/* Rows under restraint. */
#include "services/notifier/restraint/restrain.h"

#include <stdio.h>

#include "services/notifier/grouping/merge.h"

#define MS_PER_MINUTE 60000

int restrain_settings(struct restraint_rules *rules, const struct config *config, struct error *error) {
    const char *quiet = config_text(config, SETTING_QUIET_HOURS);
    *rules = (struct restraint_rules){
        .quiet = {.utc_offset = (int32_t)config_int(config, SETTING_UTC_OFFSET)},
        .recipient_day = (int32_t)config_int(config, SETTING_RECIPIENT_DAY),
        .urgent_day = (int32_t)config_int(config, SETTING_URGENT_DAY),
    };
    if (quiet_parse(quiet, &rules->quiet)) {
        return 0;
    }
    return error_set(
        error, ERR_BAD_SETTING,
        (struct error_words){.field = "quiet-hours", .value = quiet, .limit = "two times, like 22:00-07:00, or off"});
}

struct text restrain_words(enum restraint_reason reason) {
    static const char *const words[] = {
        [RESTRAINT_NONE] = "",
        [RESTRAINT_REPLACED] = "同一件事已有更新的提醒，本条不再发送",
        [RESTRAINT_ANSWERED] = "这件事已经有人答复，不再提醒",
        [RESTRAINT_HELD_BY] = "该单位已有更重要的提醒，那件事结束后再发",
        [RESTRAINT_SILENCE] = "静默期内，到时再发",
        [RESTRAINT_GROUP] = "等待与其他提醒合并，到时一并发送",
        [RESTRAINT_DIGEST] = "等待定时汇总，到时一并发送",
        [RESTRAINT_QUIET] = "免打扰时段，到时自动发送",
        [RESTRAINT_RECIPIENT] = "该收件人当日条数已满，次日发送",
        [RESTRAINT_ROBOT] = "群机器人限速，稍后发送",
    };
    return text_of(words[reason]);
}

/* ---- what is known ---- */

static struct pace provider_pace(const struct config *config, enum channel channel) {
    static const int settings[CHANNEL_COUNT] = {[CHANNEL_SMS] = SETTING_SMS_PACE,
                                                [CHANNEL_EMAIL] = SETTING_EMAIL_PACE,
                                                [CHANNEL_GOVDING] = SETTING_GOVDING_PACE};
    if (channel == CHANNEL_ROBOT) {
        return (struct pace){0};
    }
    return (struct pace){(int32_t)config_int(config, settings[channel]), MS_PER_MINUTE};
}

static struct pace robot_pace(const struct notifier *notifier, const struct outbox_row *row) {
    struct channel_pace pace = channels_pace(notifier->channels, row->channel, row->address);
    return (struct pace){row->channel == CHANNEL_ROBOT ? pace.messages : 0, pace.per_ms};
}

/* An alert, as far as restraint asks: copied, for texts of the tables are borrowed. */
struct alert_of {
    char rule[RULE_NAME_BYTES + 1];
    char unit[EVENT_UNIT_MAX + 1];
    int64_t received_at;
};

static int look_for_silence(struct notifier *notifier, const struct alert_of *alert, struct restraint_case *of,
                            struct error *error) {
    char name[65];
    const struct silenced silenced = {text_of(alert->rule), text_of(alert->unit), of->urgent, of->now};
    int found = silences_find(&notifier->store.silences, &silenced, &of->silenced_until, name, error);
    return found < 0 ? found : 0;
}

/* Until that is over, which nobody knows: it is stirred then, or too old one day. */
static int look_for_holders(struct notifier *notifier, const struct alert_of *alert, const struct outbox_row *row,
                            struct restraint_case *of, struct error *error) {
    struct store *store = &notifier->store;
    int result = rulebook_read(&store->rulebook, error);
    const struct rule *rule = result < 0 ? NULL : rulebook_find(&store->rulebook, text_of(alert->rule));
    const struct text *names = rule ? rule->body->held_by.items : NULL;
    for (uint32_t i = 0; rule && i < rule->body->held_by.count && result == 0; i++) {
        result = incidents_speak(&store->incidents, names[i], text_of(alert->unit), alert->received_at, error);
    }
    of->held_by_until = result == 1 ? row->issued_at + notifier->rules.expire_ms : 0;
    return result < 0 ? result : 0;
}

/* Whether this alert's message to the same recipient is later, and not in vain. */
static int replaces(struct store *store, const struct id *alert, const struct outbox_row *row, struct error *error) {
    struct outbox_row other = *row;
    struct outbox_row found;
    other.notice = *alert;
    outbox_set_ref(&other);
    int result = outbox_find(&store->outbox, &other.ref, &found, error);
    if (result < 1 || found.notice_seq <= row->notice_seq || found.course.removed) {
        return result < 0 ? result : 0;
    }
    return found.course.state == DELIVERY_PENDING || found.course.state == DELIVERY_HELD ||
           found.course.state == DELIVERY_RETRY;
}

#define ALERTS_MAX 64

static int look_for_later(struct notifier *notifier, const struct outbox_row *row, struct restraint_case *of,
                          struct error *error) {
    struct store *store = &notifier->store;
    struct incident incident;
    struct id alerts[ALERTS_MAX];
    int result = incidents_of_alert(&store->incidents, &row->notice, &incident, error);
    if (result < 1 || incident.repeats + incident.steps == 0) {
        return result < 0 ? result : 0;
    }
    int count = incidents_alerts(&store->incidents, &incident.first, alerts, ALERTS_MAX, error);
    result = count < 0 ? count : 0;
    for (int i = 0; i < count && result == 0; i++) {
        result = replaces(store, &alerts[i], row, error);
    }
    of->replaced = result == 1;
    return result < 0 ? result : 0;
}

/* Of a message that waited for others: what it tells may be over by now, or somebody takes care of it. What is over, and not
 * cancelled yet, soon will be. */
static int look_for_end(struct notifier *notifier, const struct outbox_row *row, struct restraint_case *of,
                        struct error *error) {
    struct incident incident = {.end = INCIDENT_STANDS};
    int found = incidents_of_alert(&notifier->store.incidents, &row->notice, &incident, error);
    of->answered = found == 1 && incident.end == INCIDENT_ANSWERED && of->grouped_until > 0; /* it carries none */
    of->doubtful = found == 1 && incident.end == INCIDENT_CLEARED;
    if (found == 1 && incident.end == INCIDENT_STANDS && of->grouped_until > 0 && of->grouped_until <= of->now) {
        int fresh = lookout_is_fresh(notifier, error);
        of->doubtful = fresh == 0;
        return fresh < 0 ? fresh : 0;
    }
    return found < 0 ? found : 0;
}

/* What people write is none of a rule's. */
static int look_at_alert(struct notifier *notifier, const struct outbox_row *row, struct restraint_case *of,
                         struct error *error) {
    struct notice_row notice;
    struct alert_of alert;
    int result = notices_get(&notifier->store.notices, row->notice_seq, &notice, error);
    if (result < 1 || notice.rule.length == 0) {
        return result < 0 ? result : 0;
    }
    snprintf(alert.rule, sizeof alert.rule, "%s", notice.rule.data);
    snprintf(alert.unit, sizeof alert.unit, "%s", notice.unit.data);
    alert.received_at = notice.received_at;
    result = look_for_silence(notifier, &alert, of, error);
    result = result < 0 ? result : look_for_holders(notifier, &alert, row, of, error);
    result = result < 0 ? result : merge_wait(&notifier->store, row, &of->grouped_until, &of->digest, error);
    result = result == 1 ? look_for_end(notifier, row, of, error) : result;
    return result < 0 ? result : look_for_later(notifier, row, of, error);
}

/* ---- buckets ---- */

/* The buckets of a row, and where they stand in the case. */
struct own_bucket {
    struct bucket_key key;
    struct bucket *bucket;
    struct bucket before;
    bool used;
};

#define OWN_BUCKETS 4

static void name_buckets(const struct outbox_row *row, struct restraint_case *of, struct own_bucket own[OWN_BUCKETS]) {
    const char *channel = word_wire(KIND_CHANNEL, (int)row->channel);
    own[0] = (struct own_bucket){.key = {"day", row->person, channel}, .bucket = &of->day, .used = true};
    own[1] = (struct own_bucket){.key = {"urgent", row->person, ""}, .bucket = &of->urgent_day, .used = row->urgent};
    own[2] = (struct own_bucket){
        .key = {"robot", row->address, channel}, .bucket = &of->robot, .used = of->robot_pace.messages > 0};
    own[3] = (struct own_bucket){
        .key = {"provider", "", channel}, .bucket = &of->provider, .used = of->provider_pace.messages > 0};
}

static int load(struct buckets *buckets, struct own_bucket own[OWN_BUCKETS], struct error *error) {
    int result = 0;
    for (int i = 0; i < OWN_BUCKETS && result == 0; i++) {
        if (own[i].used) {
            result = buckets_get(buckets, &own[i].key, own[i].bucket, error);
            own[i].before = *own[i].bucket;
        }
    }
    return result;
}

static bool has_changed(const struct own_bucket *own) {
    return own->before.at != own->bucket->at || own->before.more != own->bucket->more;
}

static int keep(struct store *store, const struct own_bucket own[OWN_BUCKETS], struct error *error) {
    int result = 0;
    for (int i = 0; i < OWN_BUCKETS && result == 0; i++) {
        if (own[i].used && has_changed(&own[i])) {
            result = store_begin(store, error);
            result = result < 0 ? result : buckets_put(&store->buckets, &own[i].key, own[i].bucket, error);
        }
    }
    return result;
}

static int decide(struct notifier *notifier, const struct outbox_row *row, const struct course *before,
                  struct restraint_case *of, struct own_bucket own[OWN_BUCKETS], struct restraint_decision *decision,
                  struct error *error) {
    *of = (struct restraint_case){
        .now = notifier_now(notifier),
        .urgent = row->urgent,
        .counted = before->attempts > 0 && before->state != DELIVERY_UNKNOWN,
        .robot_pace = robot_pace(notifier, row),
        .provider_pace = provider_pace(notifier->service->config, row->channel),
    };
    *decision = (struct restraint_decision){.verdict = RESTRAINT_HOLD};
    name_buckets(row, of, own);
    int result = look_at_alert(notifier, row, of, error);
    result = result < 0 ? result : load(&notifier->store.buckets, own, error);
    struct restraint_rules rules = notifier->restraint;
    result = result < 0 ? result : office_settings_quiet(&notifier->store.settings, &rules.quiet, error);
    if (result >= 0) {
        *decision = restraint_decide(&rules, of);
    }
    return result < 0 ? result : 0;
}

int restrain(struct notifier *notifier, const struct outbox_row *row, const struct course *before,
             struct restraint_decision *decision, struct error *error) {
    struct own_bucket own[OWN_BUCKETS];
    struct restraint_case of;
    int result = decide(notifier, row, before, &of, own, decision, error);
    return result < 0 ? result : keep(&notifier->store, own, error);
}

int restrain_again(struct notifier *notifier, const struct outbox_row *row, struct error *error) {
    struct own_bucket own[OWN_BUCKETS];
    struct restraint_case of;
    struct restraint_decision decision;
    int result = decide(notifier, row, &row->course, &of, own, &decision, error);
    return result < 0 ? result : decision.verdict != RESTRAINT_HOLD || decision.until < row->course.next_at;
}

int restrain_joins(void *data, const struct outbox_row *row, struct error *error) {
    struct notifier *notifier = data;
    struct restraint_case of = {.now = notifier_now(notifier), .urgent = row->urgent};
    int result = look_at_alert(notifier, row, &of, error);
    if (result < 0 || of.replaced) {
        return result < 0 ? result : MERGE_REPLACED;
    }
    if (of.answered) {
        return MERGE_ANSWERED;
    }
    if (of.doubtful) {
        return MERGE_STAYS;
    }
    return of.held_by_until > of.now || of.silenced_until > of.now ? MERGE_STAYS : MERGE_JOINS;
}
