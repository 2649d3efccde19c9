/* Findings, by what was asked. */
#include "services/notifier/rules/finding.h"

#include <stdio.h>
#include <stdlib.h>

struct collecting {
    const struct rule *rule;
    const struct look *look;
    struct arena *arena;
    struct finding_list *findings;
};

/* A new one that stands; NULL when the rule is not about the unit. */
static struct finding *add(struct collecting *collecting, struct text unit, struct text name, int64_t at) {
    const struct look *look = collecting->look;
    if (!rule_is_about(collecting->rule, unit)) {
        return NULL;
    }
    struct finding *finding = &collecting->findings->items[collecting->findings->count++];
    *finding = (struct finding){.unit = unit,
                                .name = name.length > 0 ? name : unit,
                                .subject = unit,
                                .at = at,
                                .fires = at > look->from && at <= look->to,
                                .begun = DAY_NOT,
                                .due = DAY_NOT,
                                .month = DAY_NOT,
                                .days = -1,
                                .count = -1,
                                .value = -1,
                                .plan = -1};
    return finding;
}

static int keep(struct collecting *collecting, const char *made, struct text *out) {
    *out = (struct text){arena_copy(collecting->arena, made, strlen(made)), (uint32_t)strlen(made)};
    return out->data ? 0 : -(int)ERR_NO_MEMORY;
}

/* ---- reports that are owed ---- */

static int collect_reports(struct collecting *collecting, const struct wire_missing_answer *answer) {
    const struct wire_missing_row *rows = answer->rows.items;
    int result = 0;
    collecting->findings->whole = !wire_has(answer->present, FIELD_missing_answer_left_out);
    for (uint32_t i = 0; i < answer->rows.count && result == 0; i++) {
        const struct wire_rule *rule = collecting->rule->body;
        int64_t at = look_moment(rows[i].due + (int32_t)rule->days, rule);
        struct finding *finding = add(collecting, rows[i].unit, rows[i].name, at);
        if (finding) {
            char subject[ID_TEXT_SIZE];
            char period[DATE_TEXT_SIZE];
            id_format(&rows[i].activity, subject);
            day_format(rows[i].due, period);
            result = keep(collecting, subject, &finding->subject);
            result = result < 0 ? result : keep(collecting, period, &finding->period);
            finding->begun = rows[i].last_day;
            finding->due = rows[i].due;
            finding->days = llabs(rule->days);
        }
    }
    return result;
}

/* ---- months ---- */

static int collect_months(struct collecting *collecting, const struct wire_completeness_answer *answer) {
    const struct wire_completeness_row *rows = answer->rows.items;
    int result = 0;
    for (uint32_t i = 0; i < answer->rows.count && result == 0; i++) {
        const struct wire_rule *rule = collecting->rule->body;
        if (text_equal(rows[i].state, text_of("complete"))) {
            continue;
        }
        int64_t at = look_moment(rows[i].due + (int32_t)rule->days, rule);
        struct finding *finding = add(collecting, rows[i].unit, rows[i].name, at);
        if (finding) {
            char period[DATE_TEXT_SIZE];
            month_format(rows[i].month, period);
            result = keep(collecting, period, &finding->period);
            finding->month = rows[i].month;
            finding->due = rows[i].due;
            finding->days = llabs(rule->days);
            finding->count = rows[i].missing + rows[i].open;
        }
    }
    return result;
}

/* ---- figures of a month ---- */

struct reached {
    int64_t value;
    int64_t plan;
};

static struct reached reached_of(const struct wire_rule *rule, const struct wire_plans_row *row) {
    const struct wire_sum *attendances = row->attendances.count ? row->attendances.items : NULL;
    const struct wire_sum *minutes = row->minutes.count ? row->minutes.items : NULL;
    if (text_equal(rule->figure, text_of("activities"))) {
        return (struct reached){row->activities, row->planned_activities};
    }
    if (text_equal(rule->figure, text_of("attendances"))) {
        return (struct reached){attendances ? attendances->value : 0, row->planned_attendances};
    }
    return (struct reached){minutes ? minutes->value : 0, row->planned_minutes};
}

/* A share of the plan: without a plan nothing is below it. */
static bool is_below(const struct wire_rule *rule, const struct reached *reached) {
    if (wire_has(rule->present, FIELD_rule_below)) {
        return reached->value < rule->below;
    }
    return reached->plan > 0 && reached->value < reached->plan / 100 * rule->percent +
                                                     reached->plan % 100 * rule->percent / 100 +
                                                     (reached->plan % 100 * rule->percent % 100 != 0);
}

static const struct wire_plans_row *find_plan(const struct wire_plans_answer *answer, struct text unit) {
    const struct wire_plans_row *rows = answer->rows.items;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        if (text_equal(rows[i].unit, unit)) {
            return &rows[i];
        }
    }
    return NULL;
}

static int collect_figures(struct collecting *collecting, const struct list *squads,
                           const struct wire_plans_answer *answer) {
    const struct squad *items = squads->items;
    const struct wire_rule *rule = collecting->rule->body;
    int64_t at = look_last(rule, collecting->look->now);
    int32_t month = look_month(rule, collecting->look);
    int result = 0;
    for (uint32_t i = 0; i < squads->count && result == 0; i++) {
        const struct wire_plans_row *row = find_plan(answer, items[i].path);
        struct reached reached = row ? reached_of(rule, row) : (struct reached){0};
        struct finding *finding = is_below(rule, &reached) ? add(collecting, items[i].path, items[i].name, at) : NULL;
        if (finding) {
            char period[DATE_TEXT_SIZE];
            month_format(month, period);
            result = keep(collecting, period, &finding->period);
            finding->month = month;
            finding->value = reached.value;
            finding->plan = reached.plan;
        }
    }
    return result;
}

/* ---- silence ---- */

static bool has_reports(const struct wire_totals_answer *answer, struct text unit) {
    const struct wire_totals_row *rows = answer->rows.items;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        if (text_equal(rows[i].unit, unit)) {
            return rows[i].reports > 0;
        }
    }
    return false;
}

static int collect_silent(struct collecting *collecting, const struct list *squads,
                          const struct wire_totals_answer *answer) {
    const struct squad *items = squads->items;
    const struct wire_rule *rule = collecting->rule->body;
    int64_t at = look_last(rule, collecting->look->now);
    int result = 0;
    for (uint32_t i = 0; i < squads->count && result == 0; i++) {
        struct finding *finding =
            has_reports(answer, items[i].path) ? NULL : add(collecting, items[i].path, items[i].name, at);
        if (finding) {
            char period[DATE_TEXT_SIZE];
            day_format(values_day_of(at), period);
            result = keep(collecting, period, &finding->period);
            finding->days = rule->days;
        }
    }
    return result;
}

/* ---- all ---- */

static uint32_t rows_of(enum look_kind kind, const struct list *squads, const void *answer) {
    switch (kind) {
    case LOOK_REPORTS:
        return ((const struct wire_missing_answer *)answer)->rows.count;
    case LOOK_MONTHS:
        return ((const struct wire_completeness_answer *)answer)->rows.count;
    default:
        return squads->count;
    }
}

int finding_collect(const struct rule *rule, const struct look *look, const struct list *squads, const void *answer,
                    struct arena *arena, struct finding_list *findings) {
    enum look_kind kind = look_kind(rule->body);
    struct collecting collecting = {rule, look, arena, findings};
    *findings = (struct finding_list){.whole = true};
    findings->items = arena_alloc(arena, (rows_of(kind, squads, answer) + 1) * sizeof *findings->items);
    if (!findings->items) {
        return -(int)ERR_NO_MEMORY;
    }
    switch (kind) {
    case LOOK_REPORTS:
        return collect_reports(&collecting, answer);
    case LOOK_MONTHS:
        return collect_months(&collecting, answer);
    case LOOK_FIGURE:
        return collect_figures(&collecting, squads, answer);
    default:
        return collect_silent(&collecting, squads, answer);
    }
}

static void put_figure(const struct rule *rule, enum template_field field, int64_t number, struct value_room *room) {
    if (text_equal(rule->body->figure, text_of("minutes"))) {
        values_hours(room, field, number);
    } else {
        values_number(room, field, number);
    }
}

static void put_figures(const struct rule *rule, const struct finding *finding, struct value_room *room) {
    char percent[32];
    put_figure(rule, TEMPLATE_VALUE, finding->value, room);
    put_figure(rule, TEMPLATE_PLAN, finding->plan, room);
    if (finding->plan > 0) {
        snprintf(percent, sizeof percent, "%lld%%", (long long)(finding->value * 100 / finding->plan));
        values_text(room, TEMPLATE_PERCENT, text_of(percent));
    }
}

void finding_values(const struct rule *rule, const struct finding *finding, struct value_room *room) {
    values_start(room, finding->name, rule->body->name, finding->at);
    if (finding->begun != DAY_NOT) {
        values_day(room, TEMPLATE_BEGUN, finding->begun);
    }
    if (finding->due != DAY_NOT) {
        values_day(room, TEMPLATE_DUE, finding->due);
    }
    if (finding->month != DAY_NOT) {
        values_month(room, TEMPLATE_MONTH, finding->month);
    }
    if (finding->days >= 0) {
        values_number(room, TEMPLATE_DAYS, finding->days);
    }
    if (finding->count >= 0) {
        values_number(room, TEMPLATE_COUNT, finding->count);
    }
    if (finding->value >= 0) {
        put_figures(rule, finding, room);
    }
}
