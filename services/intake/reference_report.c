/* References of reports, merges and problems. */
#include <stdio.h>

#include "services/intake/reference.h"

static int check_share(const struct admit_context *context, const struct wire_report *report, struct faults *faults) {
    struct known known;
    if (!wire_has(report->present, FIELD_report_activity)) {
        return 0;
    }
    int found = reference_activity(context, &report->activity, "body.activity", &known, faults);
    return found < 0 ? found : 0;
}

static int check_answer(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_report *report = &event->body->report;
    return wire_has(report->present, FIELD_report_answers)
               ? reference_told(context, &report->answers, event->unit, "body.answers", faults)
               : 0;
}

static int check_report(const struct admit_context *context, const struct event *event, struct faults *faults) {
    int result = check_share(context, &event->body->report, faults);
    return result < 0 ? result : check_answer(context, event, faults);
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
        reference_fault(faults, ERR_ALREADY, "body.from", "merged (合并)", &merge->from);
        return 0;
    }
    int result = find_root(context, &merge->into, &root);
    if (result == -ERR_TOO_DEEP) {
        char limit[24];
        snprintf(limit, sizeof limit, "%d", MERGE_CHAIN_MAX);
        reference_fault(faults, ERR_TOO_DEEP, "body.into", limit, &merge->into);
        return 0;
    }
    if (result == 0 && id_equal(&root, &merge->from)) {
        reference_fault(faults, ERR_ALREADY, "body.into", "part of the activity that is to be merged into it",
                        &merge->into);
    }
    return result;
}

static int check_merged_activity(const struct admit_context *context, const struct id *id, const char *field,
                                 struct faults *faults) {
    struct known known;
    int found = reference_activity(context, id, field, &known, faults);
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

/* ---- problems ---- */

static int check_problem(const struct admit_context *context, const struct wire_problem *problem,
                         struct faults *faults) {
    if (!wire_has(problem->present, FIELD_problem_report)) {
        return 0;
    }
    int found = reference_own(context, &problem->report, EVENT_REPORT_SUBMITTED, "body.report", faults);
    return found < 0 ? found : 0;
}

/* The other one must count itself. */
static int check_duplicate(const struct admit_context *context, const struct wire_problem_duplicate *duplicate,
                           struct faults *faults) {
    enum life_state state = STATE_NONE;
    int found = reference_own(context, &duplicate->of, EVENT_PROBLEM_RAISED, "body.of", faults);
    if (found == 1) {
        found = context->lookups->state(context->lookups->data, &duplicate->of, &state);
    }
    if (found == 1 && state == STATE_problem_DUPLICATED) {
        reference_fault(faults, ERR_ALREADY, "body.of", "duplicated (重复): name the problem that counts",
                        &duplicate->of);
    }
    return found < 0 ? found : 0;
}

int reference_report(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_ACTIVITY_MERGED:
        return check_merge(context, &body->activity_merge, faults);
    case EVENT_PROBLEM_RAISED:
        return check_problem(context, &body->problem, faults);
    case EVENT_PROBLEM_DUPLICATED:
        return check_duplicate(context, &body->problem_duplicate, faults);
    default:
        return check_report(context, event, faults);
    }
}
