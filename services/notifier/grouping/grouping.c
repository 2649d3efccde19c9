/* Grouping. */
#include "services/notifier/grouping/grouping.h"

#include <stdio.h>

#include "proto/day_time.h"
#include "services/notifier/rules/values.h"

#define MS_PER_MINUTE INT64_C(60000)
#define WAIT_MINUTES 5 /* when absent */
#define INTERVAL_MINUTES 30

static int64_t time_of(int32_t day, struct text time) {
    int32_t minutes = 0;
    (void)day_time_parse(time, &minutes); /* intake let nothing else through */
    return values_time_of(day, minutes);
}

int64_t grouping_next_time(const struct list *times, int64_t at) {
    const struct text *items = times->items;
    int32_t day = values_day_of(at);
    for (uint32_t i = 0; i < times->count; i++) {
        int64_t due = time_of(day, items[i]);
        if (due > at) {
            return due;
        }
    }
    return time_of(day + 1, items[0]);
}

/* "rule report-overdue\nunit haining/xucun\n": the names stand there, so that different lists never meet. */
static void write_key(const struct wire_rule *rule, struct text unit, char key[GROUP_KEY_BYTES + 1]) {
    const struct text *names = rule->group_by.items;
    int used = 0;
    key[0] = '\0';
    for (uint32_t i = 0; i < rule->group_by.count; i++) {
        struct text value = text_equal(names[i], text_of("rule")) ? rule->rule : unit;
        value = text_equal(names[i], text_of("kind")) ? rule->kind : value;
        used += snprintf(key + used, GROUP_KEY_BYTES + 1 - (size_t)used, "%.*s %.*s\n", (int)names[i].length,
                         names[i].data, (int)value.length, value.data);
    }
}

bool grouping_of(const struct wire_rule *rule, const struct wire_alert *alert, const struct wire_recipient *recipient,
                 struct text unit, int64_t at, struct grouping *grouping) {
    const struct list *times = recipient->digest.count > 0 ? &recipient->digest : &rule->digest;
    *grouping = (struct grouping){.due = at};
    if (alert->urgent) {
        return false;
    }
    if (times->count > 0 && alert->step == 0) {
        snprintf(grouping->key, sizeof grouping->key, GROUP_DIGEST);
        grouping->due = grouping_next_time(times, at);
        return true;
    }
    if (rule->group_by.count == 0) {
        return false;
    }
    bool waits = wire_has(rule->present, FIELD_rule_group_wait);
    bool spaced = wire_has(rule->present, FIELD_rule_group_interval);
    write_key(rule, unit, grouping->key);
    grouping->due = at + (waits ? rule->group_wait : WAIT_MINUTES) * MS_PER_MINUTE;
    grouping->interval = (spaced ? rule->group_interval : INTERVAL_MINUTES) * MS_PER_MINUTE;
    return true;
}

int64_t grouping_due(const struct grouping *grouping, int64_t at, int64_t flushed) {
    bool open = flushed > 0 && at < flushed + grouping->interval;
    return open ? flushed + grouping->interval : grouping->due;
}
