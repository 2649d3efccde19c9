/* The rules of the office: plans, stories, notices, settings of the folds. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/fold_settings.h"
#include "proto/sms.h"
#include "proto/validate_rules.h"

/* ---- plans ---- */

static bool same_line(const struct wire_plan_line *a, const struct wire_plan_line *b) {
    return a->month == b->month && a->menu_item == b->menu_item && text_equal(a->programme, b->programme) &&
           text_equal(a->theme, b->theme);
}

static void validate_month(const struct wire_plan *plan, uint32_t index, struct faults *faults) {
    const struct wire_plan_line *lines = plan->lines.items;
    if (1970 + lines[index].month / 12 == plan->year && lines[index].month >= 0) {
        return;
    }
    char field[RULE_FIELD_MAX];
    char month[DATE_TEXT_SIZE];
    char limit[40];
    rule_field(field, "lines", index, "month");
    month_format(lines[index].month, month);
    snprintf(limit, sizeof limit, "body.year, which is %" PRId64, plan->year);
    rule(faults, ERR_CONTRADICTION, field, limit, text_of(month));
}

static void validate_lines(const struct wire_plan *plan, struct faults *faults) {
    const struct wire_plan_line *lines = plan->lines.items;
    for (uint32_t i = 0; i < plan->lines.count; i++) {
        char field[RULE_FIELD_MAX];
        validate_month(plan, i, faults);
        rule_field(field, "lines", i, "programme");
        rule_programme(faults, field, lines[i].programme);
        for (uint32_t before = 0; before < i; before++) {
            if (same_line(&lines[before], &lines[i])) {
                rule(faults, ERR_REPEATED, field, "one line per month, programme, theme and item", lines[i].programme);
                break;
            }
        }
    }
}

/* ---- stories ---- */

static void validate_story(const struct wire_story *story, struct faults *faults) {
    rule_code(faults, "body.kind", CODES_story_kind, story->kind);
    if (wire_has(story->present, FIELD_story_programme)) {
        rule_programme(faults, "body.programme", story->programme);
    }
}

/* ---- notices ---- */

/* What reads blank on a telephone is no notice. */
static bool is_blank(struct text text) {
    static const struct text wide = {"　", 3}; /* U+3000, what a Chinese keyboard gives */
    uint32_t i = 0;
    while (i < text.length) {
        bool is_wide = text.length - i >= wide.length && memcmp(text.data + i, wide.data, wide.length) == 0;
        if (!is_wide && !strchr(" \t\n\r", text.data[i])) {
            return false;
        }
        i += is_wide ? wide.length : 1;
    }
    return true;
}

static void validate_notice(const struct wire_notice *notice, struct faults *faults) {
    uint32_t units = sms_notice_units(notice->title, notice->text);
    if (is_blank(notice->title)) {
        rule_missing(faults, "side.title", NULL);
    }
    if (is_blank(notice->text)) {
        rule_missing(faults, "side.text", NULL);
    }
    if (units > SMS_NOTICE_UNITS_MAX) {
        char value[24];
        char limit[24];
        snprintf(value, sizeof value, "%" PRIu32, units);
        snprintf(limit, sizeof limit, "%d", SMS_NOTICE_UNITS_MAX);
        rule(faults, ERR_TOO_MANY_PARTS, "side.text", limit, text_of(value));
    }
}

/* ---- settings ---- */

static void list_settings(char *out, size_t size) {
    int used = 0;
    for (int setting = 0; setting < FOLD_SETTING_COUNT && used >= 0 && (size_t)used < size; setting++) {
        used += snprintf(out + used, size - (size_t)used, "%s%s", used > 0 ? ", " : "",
                         fold_setting_row((enum fold_setting)setting)->name);
    }
}

static void validate_setting(const struct wire_setting *setting, struct faults *faults) {
    int which = fold_setting_find(setting->name);
    int64_t numbers[FOLD_NUMBERS_MAX];
    if (which < 0) {
        char limit[FAULT_WORD_MAX];
        list_settings(limit, sizeof limit);
        rule(faults, ERR_BAD_WORD, "body.name", limit, setting->name);
    } else if (!fold_setting_parse((enum fold_setting)which, setting->value, numbers)) {
        char limit[FOLD_LIMIT_MAX];
        fold_setting_limit((enum fold_setting)which, limit);
        rule(faults, ERR_BAD_FORMAT, "body.value", limit, setting->value);
    }
}

void validate_office(const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_PLAN_DRAFTED:
        validate_lines(&body->plan, faults);
        break;
    case EVENT_STORY_SUBMITTED:
        validate_story(&body->story, faults);
        break;
    case EVENT_STORY_PUBLISHED:
        rule_code(faults, "body.medium", CODES_medium, body->story_publication.medium);
        break;
    case EVENT_SETTING_SET:
        validate_setting(&body->setting, faults);
        break;
    default:
        validate_notice(&body->notice, faults);
        break;
    }
}
