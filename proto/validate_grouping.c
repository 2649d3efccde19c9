/* The rules of rules that hold messages back to send them together: grouping and digests. */
#include <stdio.h>

#include "proto/day_time.h"
#include "proto/validate_rules.h"

static void check_group_by(const struct wire_rule *body, struct faults *faults) {
    const struct text *items = body->group_by.items;
    for (uint32_t i = 0; i < body->group_by.count; i++) {
        char path[RULE_FIELD_MAX];
        rule_field(path, "group_by", i, "");
        rule_code(faults, path, CODES_grouping, items[i]);
    }
}

static void check_group(const struct wire_rule *body, struct faults *faults) {
    bool grouped = wire_has(body->present, FIELD_rule_group_by);
    bool timed = wire_has(body->present, FIELD_rule_group_wait) || wire_has(body->present, FIELD_rule_group_interval);
    check_group_by(body, faults);
    if (timed && !grouped) {
        rule_missing(faults, "body.group_by", "what the messages that go together have in common: rule, unit, kind");
    }
}

void validate_times(const struct list *times, const char *field, struct faults *faults) {
    const struct text *items = times->items;
    int32_t before = -1;
    for (uint32_t i = 0; i < times->count; i++) {
        int32_t minutes = 0;
        char path[2 * RULE_FIELD_MAX];
        snprintf(path, sizeof path, "%s[%u]", field, i);
        if (!day_time_parse(items[i], &minutes)) {
            rule(faults, ERR_BAD_FORMAT, path, "a time of day like 08:30", items[i]);
        } else if (minutes <= before) {
            rule(faults, ERR_CONTRADICTION, path, "the time before it: they rise", items[i]);
        }
        before = minutes;
    }
}

static bool has_digest(const struct wire_rule *body) {
    const struct wire_recipient *items = body->recipients.items;
    bool has = wire_has(body->present, FIELD_rule_digest);
    for (uint32_t i = 0; i < body->recipients.count && !has; i++) {
        has = wire_has(items[i].present, FIELD_recipient_digest);
    }
    return has;
}

void validate_grouping(const struct wire_rule *body, struct faults *faults) {
    check_group(body, faults);
    validate_times(&body->digest, "body.digest", faults);
    if (body->urgent && (wire_has(body->present, FIELD_rule_group_by) || has_digest(body))) {
        rule(faults, ERR_CONTRADICTION, "body.urgent", "group_by and digest: what is urgent waits for nothing",
             text_of("true"));
    }
}
