/* Sampled rules, alerts and silences. */
#include "proto/sample_alerts.h"

static const struct text one_channel[] = {{"sms", 3}};
static const struct text one_time = {"08:30", 5};

static void keep_recipient_rules(struct list *recipients) {
    struct wire_recipient *items = recipients->items;
    for (uint32_t i = 0; i < recipients->count; i++) {
        items[i].of = text_of(wire_has(items[i].present, FIELD_recipient_unit) ? "unit" : "own");
        if (wire_has(items[i].present, FIELD_recipient_post)) {
            items[i].post = text_of(i % 2 == 0 ? "leader" : "duty");
        }
        if (wire_has(items[i].present, FIELD_recipient_digest)) {
            items[i].digest = (struct list){.items = (void *)(uintptr_t)&one_time, .count = 1};
        }
    }
}

static void keep_step_rules(struct list *steps) {
    struct wire_rule_step *items = steps->items;
    for (uint32_t i = 0; i < steps->count; i++) {
        items[i].after = 30 * ((int64_t)i + 1);
        items[i].of = text_of(wire_has(items[i].present, FIELD_rule_step_unit) ? "unit" : "above");
        if (wire_has(items[i].present, FIELD_rule_step_post)) {
            items[i].post = text_of("office");
        }
    }
}

#define OF_RULE(field) (UINT64_C(1) << FIELD_rule_##field)

/* A rule of each kind, by what was drawn. */
static void keep_kind_rules(struct wire_rule *rule) {
    static const char *const kinds[] = {"event", "deadline", "figure", "silence"};
    const uint64_t needed[] = {OF_RULE(event), OF_RULE(deadline) | OF_RULE(days),
                               OF_RULE(figure) | OF_RULE(day) | OF_RULE(percent), OF_RULE(days)};
    uint64_t special = OF_RULE(event) | OF_RULE(conditions) | OF_RULE(deadline) | OF_RULE(days) | OF_RULE(hours) |
                       OF_RULE(figure) | OF_RULE(percent) | OF_RULE(below) | OF_RULE(day) | OF_RULE(time);
    unsigned kind = rule->rule.length % 4;
    struct wire_rule kept = *rule;
    kept.present = (rule->present & ~special) | needed[kind];
    kept.event = text_of("report.returned");
    kept.deadline = text_of("report-due");
    kept.figure = text_of("minutes");
    kept.kind = text_of(kinds[kind]);
    kept.days = 3;
    kept.percent = 50;
    kept.day = 20;
    kept.conditions = (struct list){0};
    kept.hours = 0;
    kept.below = 0;
    kept.time = 0;
    if (kind != 0) {
        kept.event = (struct text){0};
    }
    if (kind != 1) {
        kept.deadline = (struct text){0};
    }
    if (kind != 2) {
        kept.figure = (struct text){0};
        kept.percent = 0;
        kept.day = 0;
    }
    if (kind == 0 || kind == 2) {
        kept.days = 0;
    }
    *rule = kept;
}

static const struct text one_group = {"rule", 4};

/* What is urgent waits for nothing. */
static void keep_grouping_rules(struct wire_rule *rule) {
    rule->urgent = false;
    rule->present &= ~OF_RULE(urgent);
    rule->group_by = (struct list){.items = (void *)(uintptr_t)&one_group, .count = 1};
    rule->digest = (struct list){.items = (void *)(uintptr_t)&one_time, .count = 1};
    rule->present |= OF_RULE(group_by) | OF_RULE(digest);
}

void sample_rule(struct wire_rule *rule) {
    struct wire_rule_template *templates = rule->templates.items;
    keep_kind_rules(rule);
    keep_recipient_rules(&rule->recipients);
    keep_step_rules(&rule->steps);
    rule->channels = (struct list){.items = (void *)(uintptr_t)one_channel, .count = 1};
    rule->repeat_after = 60;
    rule->repeats = 3;
    rule->present |= OF_RULE(repeat_after) | OF_RULE(repeats);
    rule->templates.count = 1;
    templates[0].present &= ~(UINT64_C(1) << FIELD_rule_template_channel);
    templates[0].channel = 0;
    templates[0].title = text_of("{规则}");
    templates[0].text = text_of("{单位}：请于 {date} {time} 前处理。");
    keep_grouping_rules(rule);
}

void sample_alert(struct wire_alert *alert) {
    keep_recipient_rules(&alert->recipients);
    alert->channels = (struct list){.items = (void *)(uintptr_t)one_channel, .count = 1};
}

void sample_silence(struct wire_silence *silence) {
    silence->until = silence->from;
}
