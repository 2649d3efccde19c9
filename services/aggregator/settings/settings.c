/* Settings over time. */
#include "services/aggregator/settings/settings.h"

#include <stdlib.h>

#include "services/aggregator/tally.h"

static int open_settings(struct tally *tally) {
    tally->settings = calloc(1, sizeof *tally->settings);
    if (!tally->settings) {
        return -(int)ERR_NO_MEMORY;
    }
    ledger_start(&tally->settings->values, sizeof(struct set_value));
    return 0;
}

static void close_settings(struct tally *tally) {
    if (tally->settings) {
        ledger_free(&tally->settings->values);
    }
    free(tally->settings);
    tally->settings = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    (void)number;
    return &tally->settings->values;
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    const struct set_value *value = row;
    (void)number;
    return value->unit < units_count(&tally->units) && value->name < tally->names.count &&
           value->value < tally->names.count;
}

static uint32_t find_standing(const struct settings *settings, uint32_t unit, uint32_t name, uint64_t at) {
    for (uint32_t i = settings->values.count; i > 0; i--) {
        const struct set_value *row = ledger_row(&settings->values, i - 1);
        if (row->unit == unit && row->name == name && version_stands(&row->version, at)) {
            return i - 1;
        }
    }
    return LEDGER_NONE;
}

static int fold_setting(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    struct set_value row = {
        .version = {.since = event->seq},
        .unit = units_number(&tally->units, event->unit),
        .name = tally_name(tally, event->body->setting.name),
        .value = tally_name(tally, event->body->setting.value),
    };
    if (row.unit == UNIT_NONE || row.name == NAME_NONE || row.value == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    struct ledger *values = &tally->settings->values;
    uint32_t before = find_standing(tally->settings, row.unit, row.name, AT_HEAD);
    uint32_t number =
        before == LEDGER_NONE ? ledger_add(values, &row) : ledger_replace(values, before, &row, event->seq);
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static const struct book_interest interests[] = {{EVENT_SETTING_SET, SKIM_WHOLE}};

const struct book book_of_settings = {
    .ledgers = 1,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_settings,
    .close = close_settings,
    .ledger = ledger_of,
    .fits = fits,
    .fold = fold_setting,
};

struct text settings_value(const struct tally *tally, uint32_t unit, const char *name, uint64_t at) {
    uint32_t wanted = names_find(&tally->names, text_of(name));
    for (; wanted != NAME_NONE && unit != UNIT_NONE; unit = tally->units.items[unit].parent) {
        uint32_t found = find_standing(tally->settings, unit, wanted, at);
        if (found != LEDGER_NONE) {
            const struct set_value *row = ledger_row(&tally->settings->values, found);
            return names_text(&tally->names, row->value);
        }
    }
    return (struct text){0};
}
