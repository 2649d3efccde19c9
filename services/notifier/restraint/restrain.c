/* Rows under restraint. */
#include "services/notifier/restraint/restrain.h"

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
        [RESTRAINT_SILENCE] = "静默期内，到时再发",
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

/* Only rules are silenced. */
static int look_for_silence(struct notifier *notifier, const struct outbox_row *row, struct restraint_case *of,
                            struct error *error) {
    struct notice_row notice;
    char name[65];
    int result = notices_get(&notifier->store.notices, row->notice_seq, &notice, error);
    if (result < 1 || notice.rule.length == 0) {
        return result < 0 ? result : 0;
    }
    const struct silenced silenced = {notice.rule, notice.unit, row->urgent, of->now};
    result = silences_find(&notifier->store.silences, &silenced, &of->silenced_until, name, error);
    return result < 0 ? result : 0;
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

static int keep(struct store *store, const struct own_bucket own[OWN_BUCKETS], struct error *error) {
    int result = 0;
    for (int i = 0; i < OWN_BUCKETS && result == 0; i++) {
        bool changed = own[i].before.at != own[i].bucket->at || own[i].before.more != own[i].bucket->more;
        if (own[i].used && changed) {
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
    name_buckets(row, of, own);
    int result = look_for_silence(notifier, row, of, error);
    result = result < 0 ? result : load(&notifier->store.buckets, own, error);
    if (result == 0) {
        *decision = restraint_decide(&notifier->restraint, of);
    }
    return result;
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
