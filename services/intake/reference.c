/* References, type by type. */
#include "services/intake/reference.h"

#include <stdio.h>

static void fault_of(struct faults *faults, enum error_code code, const char *field, const char *limit,
                     const struct id *id) {
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    faults_add(faults, code, field, limit, text_of(text));
}

static int look_up(const struct admit_context *context, const struct id *id, struct known *known) {
    return context->lookups->known(context->lookups->data, id, known);
}

/* The report that an amendment or a withdrawal speaks of: of the same unit, and still standing. */
static int check_report(const struct admit_context *context, const struct event *event, const struct id *report,
                        const char *field, struct faults *faults) {
    struct known known;
    int found = look_up(context, report, &known);
    if (found < 0) {
        return found;
    }
    if (found == 0 || known.type != EVENT_REPORT_SUBMITTED) {
        fault_of(faults, ERR_UNKNOWN_REFERENCE, field, "a report.submitted", report);
        return 0;
    }
    if (!text_equal(text_of(known.unit), event->unit)) {
        char limit[EVENT_UNIT_MAX + 40];
        snprintf(limit, sizeof limit, "a report.submitted of %.*s", (int)event->unit.length, event->unit.data);
        fault_of(faults, ERR_UNKNOWN_REFERENCE, field, limit, report);
        return 0;
    }
    int withdrawn = context->lookups->withdrawn(context->lookups->data, report);
    if (withdrawn > 0) {
        fault_of(faults, ERR_ALREADY, field, "withdrawn (撤回)", report);
    }
    return withdrawn < 0 ? withdrawn : 0;
}

/* 1 with `known` when the id stands for an activity: a planned one, or a report that is none's share. */
static int look_up_activity(const struct admit_context *context, const struct id *id, const char *field,
                            struct known *known, struct faults *faults) {
    int found = look_up(context, id, known);
    if (found < 0) {
        return found;
    }
    bool fits = found == 1 &&
                (known->type == EVENT_ACTIVITY_PLANNED || (known->type == EVENT_REPORT_SUBMITTED && !known->joins));
    if (!fits) {
        fault_of(faults, ERR_UNKNOWN_REFERENCE, field, "an activity.planned or a report without an activity", id);
    }
    return fits ? 1 : 0;
}

static int check_share(const struct admit_context *context, const struct wire_report *report, struct faults *faults) {
    struct known known;
    if (!wire_has(report->present, FIELD_report_activity)) {
        return 0;
    }
    int found = look_up_activity(context, &report->activity, "body.activity", &known, faults);
    return found < 0 ? found : 0;
}

/* ---- merges ---- */

/* What the activity is part of in the end: itself when it was never merged. -ERR_TOO_DEEP: the chain is too long. */
static int find_root(const struct admit_context *context, const struct id *activity, struct id *root) {
    *root = *activity;
    for (int step = 0; step < MERGE_CHAIN_MAX; step++) {
        struct id into;
        int merged = context->lookups->merged(context->lookups->data, root, &into);
        if (merged <= 0) {
            return merged;
        }
        *root = into;
    }
    return -ERR_TOO_DEEP;
}

/* An activity becomes part of one other, once; what is to become part of it cannot be what it is part of already. */
static int check_chain(const struct admit_context *context, const struct wire_activity_merge *merge,
                       struct faults *faults) {
    struct id root;
    struct id into;
    int merged = context->lookups->merged(context->lookups->data, &merge->from, &into);
    if (merged < 0) {
        return merged;
    }
    if (merged > 0) {
        fault_of(faults, ERR_ALREADY, "body.from", "merged (合并)", &merge->from);
        return 0;
    }
    int result = find_root(context, &merge->into, &root);
    if (result == -ERR_TOO_DEEP) {
        char limit[24];
        snprintf(limit, sizeof limit, "%d", MERGE_CHAIN_MAX);
        fault_of(faults, ERR_TOO_DEEP, "body.into", limit, &merge->into);
        return 0;
    }
    if (result == 0 && id_equal(&root, &merge->from)) {
        fault_of(faults, ERR_ALREADY, "body.into", "part of the activity that is to be merged into it", &merge->into);
    }
    return result;
}

static int check_merged_activity(const struct admit_context *context, const struct id *id, const char *field,
                                 struct faults *faults) {
    struct known known;
    int found = look_up_activity(context, id, field, &known, faults);
    if (found == 1 && !path_is_within(text_of(known.unit), text_of(context->identity->unit))) {
        faults_add(faults, ERR_OTHER_UNIT, field, context->identity->unit, text_of(known.unit));
        return 0;
    }
    return found;
}

static int check_merge(const struct admit_context *context, const struct wire_activity_merge *merge,
                       struct faults *faults) {
    int into = check_merged_activity(context, &merge->into, "body.into", faults);
    if (into < 0) {
        return into;
    }
    int from = check_merged_activity(context, &merge->from, "body.from", faults);
    if (from < 0) {
        return from;
    }
    return into == 1 && from == 1 ? check_chain(context, merge, faults) : 0;
}

/* ---- deliveries ---- */

static int check_delivery(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct id *notice = &event->body->delivery.notice;
    struct known known;
    int found = look_up(context, notice, &known);
    if (found < 0) {
        return found;
    }
    if (found == 0 || known.type != EVENT_NOTICE_ISSUED) {
        fault_of(faults, ERR_UNKNOWN_REFERENCE, "body.notice", "a notice.issued", notice);
    }
    return 0;
}

/* ---- redaction ---- */

static int check_redaction(const struct admit_context *context, const struct id *id, struct faults *faults) {
    struct known known;
    int found = look_up(context, id, &known);
    if (found == 0) {
        fault_of(faults, ERR_UNKNOWN_REFERENCE, "body.event", "an event", id);
    }
    if (found == 1 && !path_is_within(text_of(known.unit), text_of(context->identity->unit))) {
        faults_add(faults, ERR_OTHER_UNIT, "body.event", context->identity->unit, text_of(known.unit));
    }
    return found < 0 ? found : 0;
}

int reference_check(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    int result;
    switch (event->type) {
    case EVENT_REPORT_SUBMITTED:
        return check_share(context, &body->report, faults);
    case EVENT_REPORT_AMENDED:
        result = check_report(context, event, &body->report.amends, "body.amends", faults);
        return result < 0 ? result : check_share(context, &body->report, faults);
    case EVENT_REPORT_WITHDRAWN:
        return check_report(context, event, &body->report_withdrawal.report, "body.report", faults);
    case EVENT_ACTIVITY_MERGED:
        return check_merge(context, &body->activity_merge, faults);
    case EVENT_DELIVERY_UPDATED:
        return check_delivery(context, event, faults);
    case EVENT_TEXT_REDACTED:
        return check_redaction(context, &body->text_redaction.event, faults);
    default:
        return 0;
    }
}
