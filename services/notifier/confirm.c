/* Confirmations: a recipient followed the link of a message, which the notifier had signed for them. The journal is told of
 * it as of anything else that the notifier knows; the event's id is made from the message's, so that the link may be
 * followed again and again. Answered when the journal has it, or refuses it: nobody is told that it is done before. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/notifier/answering.h"
#include "services/notifier/notifier.h"
#include "services/notifier/rules/values.h"

/* One that waits for the commit, then for the journal. */
struct confirmation {
    struct work work; /* first: the work is the confirmation */
    struct receipt_wait wait;
    struct reply_to to;
    struct outbox_row row;
    int64_t at;
};

static void note(const struct reply_to *to) {
    static const char nil = (char)0xC0;
    reply_bytes(to, "noted", (struct text){&nil, 1});
}

/* ---- as work of a turn ---- */

static int confirm_apply(struct notifier *notifier, struct work *work, struct error *error) {
    const struct confirmation *made = (struct confirmation *)work;
    const struct answering answering = {.ref = made->row.ref,
                                        .notice = made->row.notice,
                                        .unit = text_of(made->row.unit),
                                        .person = text_of(made->row.person),
                                        .channel = made->row.channel,
                                        .at = made->at};
    return answering_confirm(&notifier->store, &answering, error);
}

static void confirm_settled(struct notifier *notifier, struct receipt_wait *wait,
                            const struct receipt_refusal *refusal) {
    struct confirmation *made = (struct confirmation *)((char *)wait - offsetof(struct confirmation, wait));
    struct error error = {0};
    if (refusal) {
        error_set(&error, refusal->code == ERR_OK ? ERR_UNAVAILABLE : refusal->code,
                  (struct error_words){.field = "link", .value = "the journal", .limit = refusal->text});
        notifier_refuse(notifier, &made->to, &error);
    } else {
        note(&made->to);
    }
    free(made);
}

static void confirm_done(struct notifier *notifier, struct work *work) {
    struct confirmation *made = (struct confirmation *)work;
    made->wait = (struct receipt_wait){.event = answering_id(&made->row.ref), .settled = confirm_settled};
    if (!receipts_wait(notifier, &made->wait)) {
        const struct receipt_refusal busy = {.code = ERR_BUSY};
        confirm_settled(notifier, &made->wait, &busy);
    }
}

static void confirm_refuse(struct notifier *notifier, struct work *work, const struct error *error) {
    struct confirmation *made = (struct confirmation *)work;
    notifier_refuse(notifier, &made->to, error);
    free(made);
}

/* ---- as it comes ---- */

static int check_time(const struct notifier *notifier, int64_t until, struct error *error) {
    char limit[VALUES_MOMENT_SIZE];
    if (notifier_now(notifier) <= until) {
        return 0;
    }
    values_moment(until, limit);
    return error_set(error, ERR_LINK_EXPIRED, (struct error_words){.limit = limit});
}

static int read_link(struct notifier *notifier, const struct request *request, struct id *ref, int64_t *until,
                     struct error *error) {
    struct wire_confirm_link link;
    arena_reset(notifier->question_arena);
    int result = payload_read(SHAPE_confirm_link, request->payload, notifier->question_arena, &link, error);
    if (result < 0) {
        return result;
    }
    result = hook_check_link(&notifier->hook, link.token, ref, until, error);
    if (result < 0) {
        metrics_add(&notifier->service->metrics, METRIC_LINKS_FORGED, 1);
        log_write(&notifier->service->log, LOG_LEVEL_WARN, "a forged confirmation link", "bytes=%" PRIu32,
                  link.token.length);
    }
    return result;
}

/* 1 it is to be told, 0 it is known already, < 0. */
static int find_message(struct notifier *notifier, const struct id *ref, struct outbox_row *row, struct error *error) {
    struct store *store = &notifier->store;
    if (!notifier->gate_open) { /* its message may not be here yet */
        return error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = "notifier"});
    }
    int found = outbox_find(&store->outbox, ref, row, error);
    if (found < 1 || row->address[0] == '\0') {
        return found < 0 ? found : error_set(error, ERR_NOT_FOUND, (struct error_words){.value = "the message"});
    }
    const struct reached_by by = {.seq = row->notice_seq, .id = &row->notice};
    struct reached_times times;
    int64_t recalled_at;
    int result = reached_recalled(&store->reached, &by, &recalled_at, error);
    result = result < 0 ? result : reached_person(&store->reached, &by, text_of(row->person), &times, error);
    if (result == 0 && recalled_at != 0) {
        char id[ID_TEXT_SIZE];
        id_format(&row->notice, id);
        result = error_set(error, ERR_ALREADY,
                           (struct error_words){.field = "link", .value = id, .limit = "recalled (已撤回)"});
    }
    return result < 0 ? result : times.confirmed_at == 0;
}

void confirm_take(struct notifier *notifier, const struct request *request, const struct reply_to *to) {
    struct confirmation made = {.work = {.apply = confirm_apply, .done = confirm_done, .refuse = confirm_refuse},
                                .to = *to};
    struct error error = {0};
    struct id ref;
    int64_t until = 0;
    int result = read_link(notifier, request, &ref, &until, &error);
    result = result < 0 ? result : find_message(notifier, &ref, &made.row, &error);
    result = result == 1 ? check_time(notifier, until, &error) < 0 ? -(int)error.code : 1 : result;
    struct confirmation *kept = result == 1 ? malloc(sizeof *kept) : NULL;
    if (result == 1 && !kept) {
        result = error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (kept) {
        made.at = notifier_now(notifier);
        *kept = made;
        turn_add(notifier, &kept->work);
    } else if (result == 0) {
        note(to);
    } else {
        notifier_refuse(notifier, to, &error);
    }
}
