/* Delivery reports: what a gateway tells, by way of the portal, of a message that it was given. Answered when what follows
 * from it is durable, for the gateway forgets it then. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/notifier/channels/words.h"
#include "services/notifier/report.h"

#define REPORT_WORDS_BYTES 800

/* A report that waits for the commit. */
struct report {
    struct work work; /* first: the work is the report */
    struct reply_to to;
    struct id ref;
    int32_t attempt;
    int64_t code;
    char words[REPORT_WORDS_BYTES + 1];
    bool stranger; /* its message is not here */
};

/* ---- as work of a turn ---- */

int report_note(struct notifier *notifier, const struct id *ref, int32_t attempt, int64_t code, struct text words,
                struct error *error) {
    char kept[CHANNEL_WORDS_MAX + 1];
    struct outbox_row row;
    int found = outbox_find(&notifier->store.outbox, ref, &row, error);
    if (found < 1) {
        return found;
    }
    struct course before = row.course;
    struct course_moment moment = notifier_moment(notifier, &row);
    if (!course_report(&row.course, attempt, code, &moment)) {
        return 1;
    }
    words_clean(words, row.address, kept); /* they would be told to the journal */
    int result = turn_change(notifier, &row, &before, text_of(kept), error);
    return result < 0 ? result : 1;
}

static int report_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct report *report = (struct report *)work;
    int found = report_note(notifier, &report->ref, report->attempt, report->code, text_of(report->words), error);
    report->stranger = found == 0;
    return found < 0 ? found : 0;
}

static void report_done(struct notifier *notifier, struct work *work) {
    static const char nil = (char)0xC0;
    struct report *report = (struct report *)work;
    if (report->stranger) {
        log_write(&notifier->service->log, LOG_LEVEL_WARN, "a delivery report of a message that is not here",
                  "code=%" PRId64, report->code);
    }
    reply_bytes(&report->to, "noted", (struct text){&nil, 1});
    free(report);
}

static void report_refuse(struct notifier *notifier, struct work *work, const struct error *error) {
    struct report *report = (struct report *)work;
    notifier_refuse(notifier, &report->to, error);
    free(report);
}

/* ---- as it comes ---- */

static int read_report(struct notifier *notifier, struct text payload, struct wire_delivery_report *wire,
                       struct error *error) {
    arena_reset(notifier->question_arena);
    return payload_read(SHAPE_delivery_report, payload, notifier->question_arena, wire, error);
}

/* Before the gate is open its message may not be here yet. */
static int check_gate(const struct notifier *notifier, struct error *error) {
    char limit[24];
    snprintf(limit, sizeof limit, "%" PRIu64, notifier->progress.goal);
    return notifier->gate_open ? 0 : error_set(error, ERR_BEHIND, (struct error_words){.limit = limit});
}

static int make_report(struct notifier *notifier, const struct request *request, const struct reply_to *to,
                       struct error *error) {
    struct wire_delivery_report wire;
    struct report made = {.work = {.apply = report_apply, .done = report_done, .refuse = report_refuse}, .to = *to};
    int result = read_report(notifier, request->payload, &wire, error);
    if (result == 0) {
        result = hook_check(&notifier->hook, wire.ref, wire.mac, &made.ref, &made.attempt, error);
        metrics_add(&notifier->service->metrics, METRIC_REPORTS_FORGED, result == -ERR_FORGED);
    }
    result = result < 0 ? result : check_gate(notifier, error);
    if (result < 0) {
        return result;
    }
    made.code = wire.code;
    snprintf(made.words, sizeof made.words, "%.*s", (int)wire.words.length, wire.words.length ? wire.words.data : "");
    struct report *report = malloc(sizeof *report);
    if (!report) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *report = made;
    turn_add(notifier, &report->work);
    return 0;
}

void report_take(struct notifier *notifier, const struct request *request, const struct reply_to *to) {
    struct error error = {0};
    if (make_report(notifier, request, to, &error) < 0) {
        notifier_refuse(notifier, to, &error);
    }
}
