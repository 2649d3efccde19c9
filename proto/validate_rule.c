/* The rules of rules: what each kind of them needs, whom they name, that they end, that their templates can be filled in;
 * silences. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/condition.h"
#include "proto/sms.h"
#include "proto/template.h"
#include "proto/validate_rules.h"

#define STEP_APART 10 /* minutes */
#define SILENCE_DAYS_MAX 400
#define MS_PER_DAY INT64_C(86400000)

/* ---- what each kind needs ---- */

#define BIT(field) (UINT64_C(1) << FIELD_rule_##field)

/* Fields that not all rules have. */
#define SPECIAL \
    (BIT(event) | BIT(conditions) | BIT(deadline) | BIT(days) | BIT(hours) | BIT(figure) | BIT(percent) | BIT(below) | \
     BIT(day) | BIT(time))

/* By the kind, or by the deadline: what a rule is about. */
static const struct about {
    const char *word;
    uint64_t required;
    uint64_t allowed;
} abouts[] = {
    {"event", BIT(event), BIT(conditions)},
    {"silence", BIT(days), BIT(time)},
    {"figure", BIT(figure) | BIT(day), BIT(percent) | BIT(below) | BIT(time)},
    {"report-due", BIT(deadline) | BIT(days), BIT(time)},
    {"month-incomplete", BIT(deadline) | BIT(days), BIT(time)},
    {"problem-open", BIT(deadline) | BIT(hours), 0},
    {"notice-unread", BIT(deadline) | BIT(hours), 0},
};

static struct text rule_about(const struct wire_rule *rule) {
    return text_equal(rule->kind, text_of("deadline")) ? rule->deadline : rule->kind;
}

static const struct about *find_about(const struct wire_rule *rule) {
    for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++) {
        if (text_equal(rule_about(rule), text_of(abouts[i].word))) {
            return &abouts[i];
        }
    }
    return NULL;
}

static void check_special(const struct wire_rule *rule_body, const struct about *about, struct faults *faults) {
    const struct shape *shape = shape_of(SHAPE_rule);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        uint64_t bit = UINT64_C(1) << i;
        char field[RULE_FIELD_MAX];
        char limit[FAULT_WORD_MAX];
        snprintf(field, sizeof field, "body.%s", shape->fields[i].name);
        if ((about->required & ~rule_body->present) & bit) {
            snprintf(limit, sizeof limit, "a rule about %s needs it", about->word);
            rule_missing(faults, field, limit);
        } else if ((SPECIAL & rule_body->present & ~about->required & ~about->allowed) & bit) {
            snprintf(limit, sizeof limit, "another kind of rule than %s", about->word);
            rule(faults, ERR_WRONG_PLACE, field, limit, (struct text){0});
        }
    }
}

static void check_bound(const struct wire_rule *body, struct faults *faults) {
    bool percent = wire_has(body->present, FIELD_rule_percent);
    bool below = wire_has(body->present, FIELD_rule_below);
    rule_code(faults, "body.figure", CODES_rule_figure, body->figure);
    if (!percent && !below) {
        rule_missing(faults, "body.percent", "percent (of the plan) or below");
    } else if (percent && below) {
        rule_number(faults, "body.below", "body.percent: one of the two", body->below);
    }
}

static void check_about(const struct wire_rule *body, struct faults *faults) {
    bool deadline = text_equal(body->kind, text_of("deadline"));
    rule_code(faults, "body.kind", CODES_rule_kind, body->kind);
    if (deadline && wire_has(body->present, FIELD_rule_deadline)) {
        rule_code(faults, "body.deadline", CODES_deadline, body->deadline);
    } else if (deadline) {
        rule_missing(faults, "body.deadline", "which one");
    }
    const struct about *about = find_about(body);
    if (!about) {
        return;
    }
    check_special(body, about, faults);
    if (text_equal(body->kind, text_of("figure"))) {
        check_bound(body, faults);
    }
    if (text_equal(body->kind, text_of("silence")) && wire_has(body->present, FIELD_rule_days) && body->days < 1) {
        rule(faults, ERR_TOO_SMALL, "body.days", "1", text_of("0 or less"));
    }
}

/* ---- events ---- */

static bool may_be_followed(enum event_type type) {
    return !event_is_of_notifier(type) && type != EVENT_CLOCK_DAY;
}

/* enum event_type, or -1 with a fault. */
static int check_event(const struct wire_rule *body, struct faults *faults) {
    int type = event_type_find(body->event);
    if (type < 0) {
        rule(faults, ERR_UNKNOWN_TYPE, "body.event", NULL, body->event);
        return -1;
    }
    if (!may_be_followed((enum event_type)type)) {
        rule(faults, ERR_CONTRADICTION, "body.event",
             "what a rule may follow: neither clock.day nor the notifier's own events, or rules would feed themselves",
             body->event);
        return -1;
    }
    if (!event_row((enum event_type)type)->served) {
        rule(faults, ERR_NOT_YET, "body.event", NULL, body->event);
    }
    return type;
}

static void check_condition(const struct shape *shape, const struct wire_rule_condition *condition, uint32_t index,
                            struct faults *faults) {
    char path[RULE_FIELD_MAX];
    char limit[FAULT_WORD_MAX];
    rule_field(path, "conditions", index, "is");
    rule_code(faults, path, CODES_comparison, condition->is);
    switch (condition_check(shape, condition)) {
    case CONDITION_FIELD:
        rule_field(path, "conditions", index, "field");
        snprintf(limit, sizeof limit, "the simple fields of the event's body (%s)", shape->name);
        rule(faults, ERR_BAD_WORD, path, limit, condition->field);
        break;
    case CONDITION_COMPARISON:
        rule(faults, ERR_CONTRADICTION, path, "its field, which is no number", condition->is);
        break;
    case CONDITION_VALUE:
        rule_field(path, "conditions", index, "value");
        rule(faults, ERR_BAD_FORMAT, path, "a value of that field", condition->value);
        break;
    case CONDITION_IN_ORDER:
        break;
    }
}

static void check_trigger(const struct wire_rule *body, struct faults *faults) {
    if (!text_equal(body->kind, text_of("event")) || !wire_has(body->present, FIELD_rule_event)) {
        return;
    }
    int type = check_event(body, faults);
    const struct wire_rule_condition *conditions = body->conditions.items;
    for (uint32_t i = 0; type >= 0 && i < body->conditions.count; i++) {
        check_condition(event_row((enum event_type)type)->body, &conditions[i], i, faults);
    }
}

/* ---- whom ---- */

/* A recipient, or a step, which names one in the same words. */
struct named {
    const char *list;
    uint32_t index;
    struct text of;
    bool has_unit;
    bool has_post;
    struct text post;
};

static void check_named(const struct named *named, struct faults *faults) {
    char path[RULE_FIELD_MAX];
    bool of_unit = text_equal(named->of, text_of("unit"));
    rule_field(path, named->list, named->index, "of");
    rule_code(faults, path, CODES_relation, named->of);
    rule_field(path, named->list, named->index, "unit");
    if (of_unit && !named->has_unit) {
        rule_missing(faults, path, "which unit");
    } else if (!of_unit && named->has_unit) {
        rule(faults, ERR_WRONG_PLACE, path, "a recipient with of=unit", (struct text){0});
    }
    if (named->has_post) {
        rule_field(path, named->list, named->index, "post");
        rule_code(faults, path, CODES_post, named->post);
    }
}

static void check_recipients(const struct list *recipients, struct faults *faults) {
    const struct wire_recipient *items = recipients->items;
    for (uint32_t i = 0; i < recipients->count; i++) {
        check_named(&(struct named){.list = "recipients",
                                    .index = i,
                                    .of = items[i].of,
                                    .has_unit = wire_has(items[i].present, FIELD_recipient_unit),
                                    .has_post = wire_has(items[i].present, FIELD_recipient_post),
                                    .post = items[i].post},
                    faults);
        char path[RULE_FIELD_MAX];
        rule_field(path, "recipients", i, "digest");
        validate_times(&items[i].digest, path, faults);
    }
}

static void check_steps(const struct list *steps, struct faults *faults) {
    const struct wire_rule_step *items = steps->items;
    for (uint32_t i = 0; i < steps->count; i++) {
        check_named(&(struct named){.list = "steps",
                                    .index = i,
                                    .of = items[i].of,
                                    .has_unit = wire_has(items[i].present, FIELD_rule_step_unit),
                                    .has_post = wire_has(items[i].present, FIELD_rule_step_post),
                                    .post = items[i].post},
                    faults);
        if (i > 0 && items[i].after < items[i - 1].after + STEP_APART) {
            char path[RULE_FIELD_MAX];
            rule_field(path, "steps", i, "after");
            rule_number(faults, path, "the step before, which is to be 10 minutes earlier at least", items[i].after);
        }
    }
}

static void check_channels(const struct list *channels, struct faults *faults) {
    const struct text *items = channels->items;
    for (uint32_t i = 0; i < channels->count; i++) {
        if (word_find(KIND_CHANNEL, items[i]) < 0) {
            char path[RULE_FIELD_MAX];
            char limit[FAULT_WORD_MAX] = "";
            int used = 0;
            for (int channel = 0; channel < word_count(KIND_CHANNEL) && used < (int)sizeof limit; channel++) {
                used += snprintf(limit + used, sizeof limit - (size_t)used, "%s%s", used > 0 ? ", " : "",
                                 word_wire(KIND_CHANNEL, channel));
            }
            rule_field(path, "channels", i, "");
            rule(faults, ERR_BAD_WORD, path, limit, items[i]);
        }
    }
}

static void check_held_by(const struct wire_rule *body, struct faults *faults) {
    const struct text *items = body->held_by.items;
    for (uint32_t i = 0; i < body->held_by.count; i++) {
        if (text_equal(items[i], body->rule)) {
            char path[RULE_FIELD_MAX];
            rule_field(path, "held_by", i, "");
            rule(faults, ERR_BAD_WORD, path, "another rule: none holds itself back", items[i]);
        }
    }
}

static void check_end(const struct wire_rule *body, struct faults *faults) {
    bool again = wire_has(body->present, FIELD_rule_repeat_after);
    bool counted = wire_has(body->present, FIELD_rule_repeats);
    if (again && !counted) {
        rule_missing(faults, "body.repeats", "how often at most: no rule sends without end");
    } else if (counted && !again) {
        rule_missing(faults, "body.repeat_after", "after how long");
    }
}

/* ---- what ---- */

/* The path of a template's field; it stands in the side. */
static void template_path(char out[RULE_FIELD_MAX], uint32_t index, const char *field) {
    snprintf(out, RULE_FIELD_MAX, "side.templates[%" PRIu32 "].%s", index, field);
}

static uint32_t check_template(struct text template, const char *path, struct text about, struct faults *faults) {
    struct template_check check = template_check(template, about);
    if (check.fault == TEMPLATE_BRACES) {
        rule(faults, ERR_BAD_FORMAT, path, "a text whose braces hold the name of a field: {单位}", template);
    } else if (check.fault == TEMPLATE_UNKNOWN) {
        char limit[FAULT_WORD_MAX];
        template_list(about, limit, sizeof limit);
        rule(faults, ERR_BAD_WORD, path, limit, check.word);
    }
    return check.units;
}

static bool same_channel(const struct wire_rule_template *a, const struct wire_rule_template *b) {
    return wire_has(a->present, FIELD_rule_template_channel) == wire_has(b->present, FIELD_rule_template_channel) &&
           a->channel == b->channel;
}

static void check_text(const struct wire_rule_template *items, uint32_t index, struct text about,
                       struct faults *faults) {
    char path[RULE_FIELD_MAX];
    template_path(path, index, "title");
    uint32_t units = check_template(items[index].title, path, about, faults);
    template_path(path, index, "text");
    units += check_template(items[index].text, path, about, faults);
    if (units > SMS_NOTICE_UNITS_MAX) {
        char value[24];
        char limit[24];
        snprintf(value, sizeof value, "%" PRIu32, units);
        snprintf(limit, sizeof limit, "%d", SMS_NOTICE_UNITS_MAX);
        rule(faults, ERR_TOO_MANY_PARTS, path, limit, text_of(value));
    }
    for (uint32_t before = 0; before < index; before++) {
        if (same_channel(&items[before], &items[index])) {
            template_path(path, index, "channel");
            rule(faults, ERR_REPEATED, path, "one template for each channel", text_of("the channel"));
        }
    }
}

static bool has_text(const struct list *templates, struct text channel) {
    const struct wire_rule_template *items = templates->items;
    for (uint32_t i = 0; i < templates->count; i++) {
        bool own = wire_has(items[i].present, FIELD_rule_template_channel);
        if (!own || text_equal(channel, text_of(word_wire(KIND_CHANNEL, items[i].channel)))) {
            return true;
        }
    }
    return false;
}

static void check_texts(const struct wire_rule *body, struct faults *faults) {
    const struct text *channels = body->channels.items;
    uint32_t readable = find_about(body) ? body->templates.count : 0; /* else nobody knows which fields there are */
    for (uint32_t i = 0; i < readable; i++) {
        check_text(body->templates.items, i, rule_about(body), faults);
    }
    for (uint32_t i = 0; body->templates.count > 0 && i < body->channels.count; i++) {
        if (!has_text(&body->templates, channels[i])) {
            rule(faults, ERR_MISSING, "side.templates", "one for each channel, or one without a channel", channels[i]);
        }
    }
}

/* ---- silences, alerts ---- */

static void check_silence(const struct wire_silence *silence, struct faults *faults) {
    if (silence->until < silence->from) {
        rule_number(faults, "body.until", "body.from, which is later", silence->until);
    } else if (silence->until - silence->from > SILENCE_DAYS_MAX * MS_PER_DAY) {
        rule_number(faults, "body.until", "400 days after body.from at most: no silence is for ever", silence->until);
    }
}

void validate_rules(const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_RULE_SET:
        check_about(&body->rule, faults);
        check_trigger(&body->rule, faults);
        check_recipients(&body->rule.recipients, faults);
        check_steps(&body->rule.steps, faults);
        check_channels(&body->rule.channels, faults);
        check_end(&body->rule, faults);
        check_held_by(&body->rule, faults);
        validate_grouping(&body->rule, faults);
        check_texts(&body->rule, faults);
        break;
    case EVENT_ALERT_RAISED:
        check_recipients(&body->alert.recipients, faults);
        check_channels(&body->alert.channels, faults);
        break;
    case EVENT_ALERT_CLEARED:
        rule_code(faults, "body.reason", CODES_clearing, body->alert_clearing.reason);
        break;
    default:
        check_silence(&body->silence, faults);
        break;
    }
}
