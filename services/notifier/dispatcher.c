/* The dispatcher. */
#include "services/notifier/dispatcher.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/failpoint.h"
#include "proto/sms.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/notifier.h"
#include "services/notifier/replies.h"
#include "services/notifier/restraint/restrain.h"

#define ROWS_AT_A_TIME 256
#define ROWS_PER_TURN 1024 /* per channel: then others have their turn */
#define TIMER_MAX_MS 60000 /* the clock may be put forward */
#define OF_EMAILS 4        /* times as many are under way: each takes four answers of its server */
#define NOT_CONFIGURED "no gateway is configured for this channel"
#define LINK_LEAD "\n确认请点："
#define REPLY_LEAD "\n"
#define OR_LINK "，或点："

/* A message that is with its channel. */
struct errand {
    struct work work; /* first: the work is the errand */
    struct notifier *notifier;
    int64_t row;
    int32_t attempt;
    enum channel channel;
    struct channel_result result;
};

/* ---- what came of it ---- */

static int errand_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct errand *errand = (struct errand *)work;
    struct outbox_row row;
    dispatcher_remove(&notifier->dispatcher, errand->channel);
    int found = outbox_get(&notifier->store.outbox, errand->row, &row, error);
    if (found < 1) {
        return found;
    }
    struct course before = row.course;
    struct course_moment moment = notifier_moment(notifier, &row);
    moment.pause_ms = errand->result.pause_ms;
    if (!course_result(&row.course, errand->attempt, errand->result.outcome, &moment)) {
        return 0; /* a report was faster */
    }
    int result = store_begin(&notifier->store, error);
    if (result == 0 && errand->result.handle[0] != '\0') {
        result =
            handles_put(&notifier->store.handles, errand->result.handle, &row.ref, errand->attempt, moment.now, error);
        snprintf(row.handle, sizeof row.handle, "%s", errand->result.handle);
    }
    return result < 0 ? result : turn_change(notifier, &row, &before, text_of(errand->result.words), error);
}

static void errand_done(struct notifier *notifier, struct work *work) {
    struct errand *errand = (struct errand *)work;
    (void)notifier;
    free(errand);
}

/* Results are committed together: at once when half of what is under way has ended, so that the other half is sent meanwhile,
 * and soon otherwise. */
static void on_result(void *data, const struct channel_result *result) {
    struct errand *errand = data;
    struct dispatcher *dispatcher = &errand->notifier->dispatcher;
    FAILPOINT("notifier-before-result");
    errand->result = *result;
    dispatcher->ended[errand->channel]++;
    if (2 * dispatcher->ended[errand->channel] >= dispatcher->under_way[errand->channel]) {
        turn_add(errand->notifier, &errand->work);
    } else {
        turn_add_soon(errand->notifier, &errand->work);
    }
}

/* ---- handing over ---- */

/* What of the ways to answer fits behind the text: the reply first, for it is short. */
static void put_ways(enum channel channel, const struct notice_row *notice, const char *reply, const char *link,
                     struct buffer *out) {
    const char *const pieces[] = {reply[0] ? REPLY_LEAD : "", reply, link[0] ? (reply[0] ? OR_LINK : LINK_LEAD) : "",
                                  link};
    uint32_t units = sms_notice_units(notice->title, notice->text);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i += 2) {
        uint32_t more = sms_units(text_of(pieces[i])) + sms_units(text_of(pieces[i + 1]));
        if (channel == CHANNEL_SMS && units + more > SMS_NOTICE_UNITS_MAX) {
            break;
        }
        units += more;
        buffer_append_string(out, pieces[i]);
        buffer_append_string(out, pieces[i + 1]);
    }
}

const char *dispatcher_text(const struct hook *hook, enum channel channel, const struct id *ref,
                            const struct notice_row *notice, const char *reply, struct buffer *out) {
    char link[HOOK_LINK_SIZE] = "";
    if (notice->confirm_by > 0 && (channel == CHANNEL_SMS || channel == CHANNEL_EMAIL)) {
        if (ref) {
            hook_link(hook, ref, notice->confirm_by, link);
        } else {
            hook_link_sample(hook, link);
        }
    }
    if (link[0] == '\0' && reply[0] == '\0') {
        return notice->text.data;
    }
    buffer_append(out, notice->text.data, notice->text.length);
    put_ways(channel, notice, reply, link, out);
    buffer_append(out, "", 1);
    return out->failed ? NULL : (const char *)out->data;
}

/* The notice with its texts for the row's channel, and those of the alerts that it carries, which lie in the arena. */
static int read_notice(struct notifier *notifier, const struct outbox_row *row, struct notice_row *notice,
                       struct arena *arena, struct error *error) {
    struct notices *notices = &notifier->store.notices;
    int found = notices_get(notices, row->notice_seq, notice, error);
    if (found == 0) {
        error_set(error, ERR_CORRUPT, (struct error_words){.field = "the notice", .value = "its row does not fit"});
    }
    if (found < 1 || notice->rule.length == 0) {
        return found == 0 ? -(int)ERR_CORRUPT : found;
    }
    found = notices_get_text(notices, (int)row->channel, notice, error);
    return found < 0 ? found : merge_texts(&notifier->store, row, notice, arena, error);
}

static int hand_over(struct errand *errand, const struct outbox_row *row, struct arena *arena, struct error *error) {
    struct notifier *notifier = errand->notifier;
    struct notice_row notice;
    char report_url[HOOK_URL_SIZE];
    char report_tag[HOOK_TAG_SIZE];
    char message_id[HOOK_REF_SIZE];
    char return_path[VERP_SIZE];
    char reply[REPLIES_WORDS_SIZE] = "";
    bool asks = config_bool(notifier->service->config, SETTING_SMS_REPLIES);
    int found = asks ? replies_words(&notifier->store, row, reply, error) : 0;
    found = found < 0 ? found : read_notice(notifier, row, &notice, arena, error);
    if (found < 0) {
        return found;
    }
    hook_url(&notifier->hook, &row->ref, row->course.attempts, report_url);
    hook_tag(&notifier->hook, &row->ref, row->course.attempts, report_tag);
    hook_name(&row->ref, message_id);
    verp_write(&notifier->bounces.verp, &row->ref, row->course.attempts, return_path);
    struct buffer text = {0};
    const char *words = dispatcher_text(&notifier->hook, row->channel, &row->ref, &notice, reply, &text);
    if (!words) {
        buffer_free(&text);
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return -(int)ERR_NO_MEMORY;
    }
    struct channel_message message = {
        .address = row->address,
        .name = row->name,
        .title = notice.title.data,
        .text = words,
        .issued_at = notice.received_at,
        .urgent = notice.urgent,
        .report_url = report_url,
        .report_tag = report_tag,
        .message_id = message_id,
        .return_path = return_path,
    };
    int result = channels_send(notifier->channels, row->channel, &message, on_result, errand);
    buffer_free(&text);
    return result;
}

void dispatcher_hand_over(struct notifier *notifier, int64_t number) {
    struct outbox_row row;
    struct error error = {0};
    struct errand *errand = calloc(1, sizeof *errand);
    struct arena *arena = arena_create(SIZE_MAX); /* empty for all but those that carry others */
    int found = outbox_get(&notifier->store.outbox, number, &row, &error);
    notifier_check(notifier, found, &error);
    if (!errand || !arena || found < 1 || !notifier->channels) {
        arena_destroy(&arena);
        free(errand);
        return; /* it stays sending, and is unknown at the next start */
    }
    *errand = (struct errand){.work = {.apply = errand_apply, .done = errand_done},
                              .notifier = notifier,
                              .row = number,
                              .attempt = row.course.attempts,
                              .channel = row.channel};
    FAILPOINT("notifier-before-sending");
    int result = hand_over(errand, &row, arena, &error);
    arena_destroy(&arena);
    FAILPOINT("notifier-after-sending");
    if (result < 0) {
        log_error(&notifier->service->log, LOG_LEVEL_ERROR, "a message was not handed over", &error);
        on_result(errand, &(struct channel_result){.outcome = OUTCOME_RETRY, .words = "not handed over"});
        return;
    }
    metrics_add(&notifier->service->metrics, METRIC_ATTEMPTS, 1);
}

/* ---- what is due ---- */

void dispatcher_begin(struct dispatcher *dispatcher) {
    memset(dispatcher->change, 0, sizeof dispatcher->change);
    dispatcher->more = false;
}

void dispatcher_add(struct dispatcher *dispatcher, enum channel channel) {
    dispatcher->change[channel]++;
}

void dispatcher_remove(struct dispatcher *dispatcher, enum channel channel) {
    dispatcher->change[channel]--;
}

static int room(const struct notifier *notifier, enum channel channel) {
    const struct dispatcher *dispatcher = &notifier->dispatcher;
    if (!channels_configured(notifier->channels, channel)) {
        return ROWS_AT_A_TIME; /* they are only put by */
    }
    int parallel = channel == CHANNEL_EMAIL ? OF_EMAILS * dispatcher->parallel : dispatcher->parallel;
    int most = channels_room(notifier->channels, channel);
    most = most < parallel ? most : parallel;
    int left = most - dispatcher->under_way[channel] - dispatcher->change[channel];
    return left < ROWS_AT_A_TIME ? left : ROWS_AT_A_TIME;
}

/* The clock was set back since it became ready, or it is to be looked at again soon: it waits. */
static int put_off(struct notifier *notifier, const struct outbox_row *row, struct error *error) {
    int result = store_begin(&notifier->store, error);
    return result < 0 ? result : outbox_put(&notifier->store.outbox, row, error);
}

/* It may go, unless restraint holds it: 1 it changed, 0 it and all of its channel wait. */
static int lease_sending(struct notifier *notifier, struct outbox_row *row, const struct course *before,
                         struct text *words, struct error *error) {
    struct course_moment moment = notifier_moment(notifier, row);
    struct restraint_decision decision;
    int result = restrain(notifier, row, before, &decision, error);
    if (result < 0) {
        return result;
    }
    if (decision.verdict == RESTRAINT_GO) {
        dispatcher_add(&notifier->dispatcher, row->channel);
        notifier->turn.counts.overrides += decision.overrode;
        result = merge_gather(&notifier->store, row, moment.now, restrain_joins, notifier, error);
        return result < 0 ? result : 1;
    }
    row->course = *before;
    if (decision.verdict == RESTRAINT_WAIT) {
        notifier->dispatcher.paced[row->channel] = decision.until;
        return 0;
    }
    if (decision.verdict == RESTRAINT_LOOK) {
        return course_put_off(&row->course, decision.until) ? put_off(notifier, row, error) : 0;
    }
    *words = restrain_words(decision.reason);
    if (decision.verdict == RESTRAINT_SUPERSEDED) {
        return course_supersede(&row->course, &moment);
    }
    return course_delay(&row->course, decision.until, &moment);
}

static int lease_row(struct notifier *notifier, int64_t number, bool configured, struct error *error) {
    struct outbox_row row;
    int found = outbox_get(&notifier->store.outbox, number, &row, error);
    if (found < 1) {
        return found;
    }
    struct course before = row.course;
    struct course_moment moment = notifier_moment(notifier, &row);
    struct text words = {0};
    int64_t due;
    if (course_waits(&row.course, &due) && due > moment.now) {
        return put_off(notifier, &row, error);
    }
    if (inquiry_is_due(notifier, &row)) {
        return inquiry_begin(notifier, &row, error);
    }
    int changed = configured ? course_proceed(&row.course, &moment) : course_hold(&row.course, &moment);
    if (row.course.state == DELIVERY_SENDING) {
        changed = lease_sending(notifier, &row, &before, &words, error);
    } else if (row.course.state == DELIVERY_HELD) {
        words = text_of(NOT_CONFIGURED);
    }
    return changed < 1 ? changed : turn_change(notifier, &row, &before, words, error);
}

/* What was put off until now stands among the others, in its place. */
static int make_ready(struct notifier *notifier, enum channel channel, struct error *error) {
    struct outbox *outbox = &notifier->store.outbox;
    int64_t now = notifier_now(notifier);
    int late = outbox_is_late(outbox, channel, now, error);
    if (late != 1) {
        return late;
    }
    int result = store_begin(&notifier->store, error);
    return result < 0 ? result : outbox_ready(outbox, channel, now, error);
}

static int lease_channel(struct notifier *notifier, enum channel channel, struct error *error) {
    bool configured = channels_configured(notifier->channels, channel);
    int64_t numbers[ROWS_AT_A_TIME];
    int looked_at = 0;
    int result = make_ready(notifier, channel, error);
    int64_t *paced = &notifier->dispatcher.paced[channel];
    *paced = 0;
    for (int left; result >= 0 && *paced == 0 && looked_at < ROWS_PER_TURN && (left = room(notifier, channel)) > 0;) {
        int count = outbox_due(&notifier->store.outbox, channel, numbers, left, error);
        if (count <= 0) {
            return count;
        }
        for (int i = 0; i < count && result >= 0 && *paced == 0; i++) {
            result = lease_row(notifier, numbers[i], configured, error);
        }
        looked_at += count;
    }
    notifier->dispatcher.more = notifier->dispatcher.more || looked_at >= ROWS_PER_TURN;
    return result;
}

int dispatcher_lease(struct notifier *notifier, struct error *error) {
    int result = 0;
    for (int channel = 0; channel < CHANNEL_COUNT && result >= 0 && !notifier->draining; channel++) {
        result = lease_channel(notifier, (enum channel)channel, error);
    }
    return result;
}

/* ---- when ---- */

/* How long until the channel has something to do; INT64_MAX when only what is under way can bring it. */
static int64_t pause_of(struct notifier *notifier, enum channel channel) {
    int64_t due;
    struct error error = {0};
    int64_t rest = channels_pause(notifier->channels, channel);
    if (rest == INT64_MAX || (rest == 0 && room(notifier, channel) <= 0)) {
        return INT64_MAX;
    }
    int found = outbox_next_due(&notifier->store.outbox, channel, &due, &error);
    notifier_check(notifier, found, &error);
    if (found != 1) {
        return INT64_MAX;
    }
    int64_t pause = due - notifier_now(notifier);
    int64_t paced = notifier->dispatcher.paced[channel] - notifier_now(notifier);
    pause = pause > rest ? pause : rest;
    pause = pause > paced ? pause : paced;
    return pause > 1 ? pause : 1;
}

/* Where there is room and nothing due now, the next one sets the time. */
static void arm(struct notifier *notifier) {
    int64_t soonest = INT64_MAX;
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        int64_t pause = pause_of(notifier, (enum channel)channel);
        soonest = pause < soonest ? pause : soonest;
    }
    if (soonest < INT64_MAX) {
        turn_want_in(notifier, soonest < TIMER_MAX_MS ? soonest : TIMER_MAX_MS);
    }
}

void dispatcher_committed(struct notifier *notifier) {
    struct dispatcher *dispatcher = &notifier->dispatcher;
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        dispatcher->under_way[channel] += dispatcher->change[channel];
        dispatcher->ended[channel] = 0;
    }
    bool more = dispatcher->more;
    dispatcher_begin(dispatcher);
    if (notifier->draining) {
        return;
    }
    if (more) {
        turn_want(notifier);
    } else {
        arm(notifier);
    }
}

bool dispatcher_is_idle(const struct dispatcher *dispatcher) {
    int under_way = 0;
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        under_way += dispatcher->under_way[channel];
    }
    return under_way == 0;
}
