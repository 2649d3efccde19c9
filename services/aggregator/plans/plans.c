/* The book of plans. */
#include "services/aggregator/plans/plans.h"

#include <stdlib.h>

#include "proto/programme.h"
#include "services/aggregator/tally.h"

enum { LEDGER_IDS, LEDGER_ROWS, LEDGER_LINES, LEDGER_MENU, LEDGERS };

static int open_plans(struct tally *tally) {
    tally->plans = calloc(1, sizeof *tally->plans);
    if (!tally->plans) {
        return -(int)ERR_NO_MEMORY;
    }
    ids_start(&tally->plans->ids);
    ledger_start(&tally->plans->rows, sizeof(struct plan));
    ledger_start(&tally->plans->lines, sizeof(struct planned));
    ledger_start(&tally->plans->menu, sizeof(struct menu_row));
    return 0;
}

static void close_plans(struct tally *tally) {
    if (tally->plans) {
        ids_free(&tally->plans->ids);
        ledger_free(&tally->plans->rows);
        ledger_free(&tally->plans->lines);
        ledger_free(&tally->plans->menu);
    }
    free(tally->plans);
    tally->plans = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    struct plans *plans = tally->plans;
    struct ledger *const ledgers[LEDGERS] = {&plans->ids.ledger, &plans->rows, &plans->lines, &plans->menu};
    return ledgers[number];
}

static bool is_name(const struct tally *tally, uint32_t name) {
    return name == NAME_NONE || name < tally->names.count;
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    uint32_t plans = tally->plans->ids.ledger.count;
    const struct plan *plan = row;
    const struct planned *line = row;
    const struct menu_row *menu = row;
    switch (number) {
    case LEDGER_ROWS:
        return plan->number < plans && plan->unit < units_count(&tally->units) && plan->state < STATE_COUNT;
    case LEDGER_LINES:
        return line->plan < plans && line->programme < PROGRAMME_COUNT && is_name(tally, line->theme);
    case LEDGER_MENU:
        return menu->name < tally->names.count;
    default:
        return true;
    }
}

static int complete(struct tally *tally) {
    return ids_complete(&tally->plans->ids);
}

/* ---- looking up ---- */

const struct plan *plans_find(const struct plans *plans, uint32_t number, uint64_t at) {
    for (uint32_t i = 0; i < plans->rows.count; i++) {
        const struct plan *plan = ledger_row(&plans->rows, i);
        if (plan->number == number && version_stands(&plan->version, at)) {
            return plan;
        }
    }
    return NULL;
}

const struct plan *plans_holding(const struct plans *plans, uint32_t unit, int32_t year, uint64_t at) {
    const struct plan *holding = NULL;
    for (uint32_t i = 0; i < plans->rows.count; i++) {
        const struct plan *plan = ledger_row(&plans->rows, i);
        if (plan->unit == unit && plan->year == year && plan->state == STATE_plan_FIXED &&
            version_stands(&plan->version, at)) {
            holding = plan; /* rows come in the order of their events: the last one was fixed last */
        }
    }
    return holding;
}

/* ---- folding ---- */

static uint32_t editions(const struct plans *plans, uint32_t unit, int32_t year) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < plans->rows.count; i++) {
        const struct plan *plan = ledger_row(&plans->rows, i);
        if (plan->unit == unit && plan->year == year && plan->edition > most) {
            most = plan->edition;
        }
    }
    return most;
}

static int add_line(struct tally *tally, uint32_t plan, const struct wire_plan_line *body) {
    int programme = programme_find(body->programme);
    bool themed = wire_has(body->present, FIELD_plan_line_theme);
    if (programme < 0) {
        return 0; /* a programme that this build does not know has no rows of its own */
    }
    struct planned line = {
        .minutes = body->minutes,
        .plan = plan,
        .month = body->month,
        .programme = (uint32_t)programme,
        .activities = (uint32_t)body->activities,
        .attendances = (uint32_t)body->attendances,
        .theme = themed ? tally_name(tally, body->theme) : NAME_NONE,
        .item = (uint32_t)body->menu_item,
    };
    bool failed = (themed && line.theme == NAME_NONE) || ledger_add(&tally->plans->lines, &line) == LEDGER_NONE;
    return failed ? -(int)ERR_NO_MEMORY : 0;
}

static int draft(struct tally *tally, const struct event *event) {
    const struct wire_plan *body = &event->body->plan;
    const struct wire_plan_line *lines = body->lines.items;
    struct plans *plans = tally->plans;
    uint32_t before = plans->ids.ledger.count;
    struct plan row = {
        .version = {.since = event->seq},
        .number = ids_number(&plans->ids, &event->id),
        .unit = units_number(&tally->units, event->unit),
        .year = (int32_t)body->year,
        .state = STATE_plan_DRAFTED,
    };
    if (row.number == IDS_NONE || row.unit == UNIT_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (row.number < before) {
        return 0;
    }
    row.edition = editions(plans, row.unit, row.year) + 1;
    int result = ledger_add(&plans->rows, &row) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
    for (uint32_t i = 0; i < body->lines.count && result == 0; i++) {
        result = add_line(tally, row.number, &lines[i]);
    }
    return result;
}

static int step_plan(struct tally *tally, const struct event *event) {
    const struct life_step *step = life_step_of(event->type);
    struct plans *plans = tally->plans;
    uint32_t number = ids_find(&plans->ids, &event->body->plan_step.plan);
    const struct plan *found = number == IDS_NONE ? NULL : plans_find(plans, number, AT_HEAD);
    if (!found || !life_allows(step, (enum life_state)found->state)) {
        return 0;
    }
    struct plan row = *found;
    uint32_t before = (uint32_t)(found - (const struct plan *)ledger_row(&plans->rows, 0));
    row.state = step->to;
    return ledger_replace(&plans->rows, before, &row, event->seq) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static int set_menu(struct tally *tally, const struct event *event) {
    const struct wire_menu *body = &event->body->menu;
    struct ledger *menu = &tally->plans->menu;
    struct menu_row row = {.version = {.since = event->seq},
                           .item = (uint32_t)body->item,
                           .name = tally_name(tally, body->name),
                           .off = body->off};
    if (row.name == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < menu->count; i++) {
        const struct menu_row *standing = ledger_row(menu, i);
        if (standing->item == row.item && standing->version.until == 0) {
            return ledger_replace(menu, i, &row, event->seq) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
        }
    }
    return ledger_add(menu, &row) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static int fold(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    switch (event->type) {
    case EVENT_PLAN_DRAFTED:
        return draft(tally, event);
    case EVENT_MENU_SET:
        return set_menu(tally, event);
    default:
        return step_plan(tally, event);
    }
}

static const struct book_interest interests[] = {{EVENT_PLAN_DRAFTED, SKIM_WHOLE},
                                                 {EVENT_PLAN_SUBMITTED, SKIM_WHOLE},
                                                 {EVENT_PLAN_FIXED, SKIM_WHOLE},
                                                 {EVENT_MENU_SET, SKIM_WHOLE}};

const struct book book_of_plans = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_plans,
    .close = close_plans,
    .ledger = ledger_of,
    .fits = fits,
    .complete = complete,
    .fold = fold,
};
