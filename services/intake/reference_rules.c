/* References of rules: versions, of schemes too; the rule that an alert is of. */
#include <inttypes.h>
#include <stdio.h>

#include "services/intake/marks.h"
#include "services/intake/reference.h"

#define VERSION_MAX 100000 /* rows of tables/rules.h */
#define RULE_NAME_MAX 64
#define HOLDERS_MAX 64 /* rules that hold one back, by others or themselves */

void reference_fault_number(struct faults *faults, enum error_code code, const char *field, const char *limit,
                            int64_t number) {
    char value[24];
    snprintf(value, sizeof value, "%" PRId64, number);
    faults_add(faults, code, field, limit, text_of(value));
}

/* ---- versions ---- */

static int find_version(const struct admit_context *context, const char *type, struct text name, int64_t version,
                        struct event *event) {
    struct id id = name_of_version(type, name, version);
    return context->lookups->last_named(context->lookups->data, &id, event);
}

/* Each one follows another, so that the last is found by halving. */
int reference_last_version(const struct admit_context *context, const char *type, struct text name, int64_t *version) {
    int64_t there = 0;
    int64_t gone = 1;
    struct event event;
    int found = 1;
    while (found == 1 && gone <= VERSION_MAX) {
        found = find_version(context, type, name, gone, &event);
        there = found == 1 ? gone : there;
        gone = found == 1 ? gone * 2 : gone;
    }
    while (found >= 0 && gone - there > 1) {
        int64_t middle = there + (gone - there) / 2;
        found = find_version(context, type, name, middle, &event);
        there = found == 1 ? middle : there;
        gone = found == 0 ? middle : gone;
    }
    *version = there;
    return found < 0 ? found : 1;
}

int reference_next_version(const struct admit_context *context, const char *type, struct text name, int64_t version,
                           int64_t *last, struct faults *faults) {
    int found = reference_last_version(context, type, name, last);
    if (found == 1 && version != *last + 1) {
        char limit[80];
        snprintf(limit, sizeof limit, "the next version, %" PRId64, *last + 1);
        reference_fault_number(faults, ERR_CONTRADICTION, "body.version", limit, version);
    }
    return found < 0 ? found : 0;
}

/* ---- rules ---- */

static bool names(const struct list *list, struct text name) {
    const struct text *items = list->items;
    uint32_t i = 0;
    while (i < list->count && !text_equal(items[i], name)) {
        i++;
    }
    return i < list->count;
}

/* The rules that hold one back, and those that hold them back, and so on: names, each once. */
struct holders {
    char names[HOLDERS_MAX][RULE_NAME_MAX + 1];
    uint32_t count;
    bool too_many;
};

static void add_holders(struct holders *holders, const struct list *held_by) {
    const struct text *items = held_by->items;
    for (uint32_t i = 0; i < held_by->count; i++) {
        uint32_t at = 0;
        while (at < holders->count && !text_equal(text_of(holders->names[at]), items[i])) {
            at++;
        }
        if (at == HOLDERS_MAX) {
            holders->too_many = true;
        } else if (at == holders->count) {
            snprintf(holders->names[holders->count++], RULE_NAME_MAX + 1, "%.*s", (int)items[i].length, items[i].data);
        }
    }
}

/* One of the holders, in its last version, and who holds it back: 1, 0 with a fault, < 0. */
static int check_holder(const struct admit_context *context, const struct wire_rule *rule, struct text name,
                        struct holders *holders, struct faults *faults) {
    struct event event = {0};
    int64_t last = 0;
    int found = reference_last_version(context, "rule.set", name, &last);
    found = found >= 0 && last > 0 ? find_version(context, "rule.set", name, last, &event) : found < 0 ? found : 0;
    if (found == 0) {
        faults_add(faults, ERR_UNKNOWN_REFERENCE, "body.held_by", "a rule (rule.set)", name);
    } else if (found == 1 && names(&event.body->rule.held_by, rule->rule)) {
        faults_add(faults, ERR_CONTRADICTION, "body.held_by",
                   "a rule that this one does not hold back, by others or itself", name);
        found = 0;
    } else if (found == 1) {
        add_holders(holders, &event.body->rule.held_by);
    }
    return found;
}

/* Rules that hold this one back are there, and none of them waits for it in the end: else all of them would for ever. */
static int check_held_by(const struct admit_context *context, const struct wire_rule *rule, struct faults *faults) {
    struct holders holders = {.count = 0};
    int result = 1;
    add_holders(&holders, &rule->held_by);
    for (uint32_t i = 0; i < holders.count && result == 1; i++) {
        result = check_holder(context, rule, text_of(holders.names[i]), &holders, faults);
    }
    if (result == 1 && holders.too_many) {
        char limit[24];
        snprintf(limit, sizeof limit, "%d", HOLDERS_MAX);
        faults_add(faults, ERR_TOO_MANY, "body.held_by", limit, rule->rule);
    }
    return result < 0 ? result : 0;
}

/* A name is the whole journal's: who changes a rule speaks for the unit that set it. */
static int check_rule(const struct admit_context *context, const struct wire_rule *rule, struct faults *faults) {
    struct event event;
    int64_t last = 0;
    if (text_equal(rule->rule, text_of(RULE_SELF_WATCH))) {
        faults_add(faults, ERR_BAD_WORD, "body.rule", "another name: the notifier's own alarms have this one",
                   rule->rule);
        return 0;
    }
    int result = check_held_by(context, rule, faults);
    result =
        result < 0 ? result : reference_next_version(context, "rule.set", rule->rule, rule->version, &last, faults);
    if (result < 0 || last == 0) {
        return result;
    }
    int found = find_version(context, "rule.set", rule->rule, last, &event);
    if (found == 1 && !path_is_within(event.unit, text_of(context->identity->unit))) {
        faults_add(faults, ERR_OTHER_UNIT, "body.rule", context->identity->unit, event.unit);
    }
    return found < 0 ? found : 0;
}

static int check_alert(const struct admit_context *context, const struct wire_alert *alert, struct faults *faults) {
    struct event event;
    if (text_equal(alert->rule, text_of(RULE_SELF_WATCH))) {
        return 0;
    }
    int found = find_version(context, "rule.set", alert->rule, alert->version, &event);
    if (found == 0) {
        faults_add(faults, ERR_UNKNOWN_REFERENCE, "body.rule", "a rule with that version (rule.set)", alert->rule);
    }
    return found < 0 ? found : 0;
}

int reference_rules(const struct admit_context *context, const struct event *event, struct faults *faults) {
    return event->type == EVENT_RULE_SET ? check_rule(context, &event->body->rule, faults)
                                         : check_alert(context, &event->body->alert, faults);
}
