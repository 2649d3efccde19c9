/* Asking, and what follows from the answer. */
#include "services/notifier/inquiry.h"

#include <stdlib.h>

#include "services/notifier/notifier.h"
#include "services/notifier/report.h"

#define CROWD_PAUSE_MS 1000

/* A question under way. */
struct inquiry {
    struct work work; /* first: the work is the inquiry */
    struct notifier *notifier;
    int64_t row;
    int32_t attempt;
    struct channel_findings findings;
};

/* ---- the answer, as work of a turn ---- */

static int wait_until(struct notifier *notifier, struct outbox_row *row, int64_t at, struct error *error) {
    if (!course_await(&row->course, at)) {
        return 0;
    }
    int result = store_begin(&notifier->store, error);
    return result < 0 ? result : outbox_put(&notifier->store.outbox, row, error);
}

/* Nobody knows it: the wait is over. */
static int hurry(struct notifier *notifier, const struct inquiry *inquiry, struct error *error) {
    struct outbox_row row;
    int found = outbox_get(&notifier->store.outbox, inquiry->row, &row, error);
    bool same = found == 1 && row.course.attempts == inquiry->attempt;
    return same ? wait_until(notifier, &row, notifier_now(notifier), error) : found < 0 ? found : 0;
}

static int inquiry_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct inquiry *inquiry = (struct inquiry *)work;
    int known = 0;
    for (int i = 0; i < inquiry->findings.count; i++) {
        const struct channel_finding *finding = &inquiry->findings.items[i];
        struct id ref;
        int32_t attempt;
        struct error forged;
        if (hook_check_tag(&notifier->hook, text_of(finding->tag), &ref, &attempt, &forged) < 0) {
            continue; /* not ours */
        }
        int found = report_note(notifier, &ref, attempt, finding->code, text_of(finding->words), error);
        if (found < 0) {
            return found;
        }
        known += attempt == inquiry->attempt;
    }
    return known == 0 && inquiry->findings.answered ? hurry(notifier, inquiry, error) : 0;
}

static void inquiry_done(struct notifier *notifier, struct work *work) {
    (void)notifier;
    free(work);
}

static void on_found(void *data, const struct channel_findings *findings) {
    struct inquiry *inquiry = data;
    inquiry->findings = *findings;
    inquiry->notifier->inquiries.under_way--;
    turn_add(inquiry->notifier, &inquiry->work);
}

/* ---- the question ---- */

bool inquiry_is_due(const struct notifier *notifier, const struct outbox_row *row) {
    const struct inquiries *inquiries = &notifier->inquiries;
    if (row->course.state != DELIVERY_UNKNOWN || row->course.removed ||
        !channels_can_ask(notifier->channels, row->channel)) {
        return false;
    }
    for (int i = 0; i < INQUIRIES_KEPT; i++) {
        if (inquiries->asked[i].row == row->number && inquiries->asked[i].attempt == row->course.attempts) {
            return false;
        }
    }
    return true;
}

/* Whether it is asked for; else it is sent again as if nobody could be asked. */
static bool ask(struct notifier *notifier, const struct outbox_row *row) {
    char name[HOOK_REF_SIZE];
    struct inquiry *inquiry = calloc(1, sizeof *inquiry);
    hook_name(&row->ref, name);
    const struct channel_inquiry question = {
        .address = row->address, .name = name, .from = row->issued_at, .until = notifier_now(notifier)};
    if (!inquiry) {
        return false;
    }
    *inquiry = (struct inquiry){.work = {.apply = inquiry_apply, .done = inquiry_done},
                                .notifier = notifier,
                                .row = row->number,
                                .attempt = row->course.attempts};
    if (channels_ask(notifier->channels, row->channel, &question, on_found, inquiry) < 0) {
        free(inquiry);
        return false;
    }
    return true;
}

int inquiry_begin(struct notifier *notifier, struct outbox_row *row, struct error *error) {
    struct inquiries *inquiries = &notifier->inquiries;
    int64_t now = notifier_now(notifier);
    if (inquiries->under_way >= INQUIRIES_AT_A_TIME) {
        return wait_until(notifier, row, now + CROWD_PAUSE_MS, error);
    }
    inquiries->asked[inquiries->next].row = row->number;
    inquiries->asked[inquiries->next].attempt = row->course.attempts;
    inquiries->next = (inquiries->next + 1) % INQUIRIES_KEPT;
    if (!ask(notifier, row)) {
        return 0; /* it is due still, and not asked for again */
    }
    inquiries->under_way++;
    return wait_until(notifier, row, now + notifier->rules.unknown_ms, error);
}
