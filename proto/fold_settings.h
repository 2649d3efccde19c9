/* The settings of the folds (tables/fold_settings.def), as setting.set gives them.
 *
 *     struct fold_settings settings;
 *     fold_settings_begin(&settings);                            the initial values
 *     fold_settings_apply(&settings, &event->body->setting);     for each setting.set, in the order of the journal
 *     fold_number(&settings, FOLD_REPORT_DUE_DAYS)
 *
 * Pure; nothing is allocated.
 */
#pragma once

#include "proto/event.h"

#define FOLD_NUMBERS_MAX 5
#define FOLD_LIMIT_MAX 120

enum fold_setting {
#define FOLD_SETTING(NAME, name, kind, initial, min, max, unit, prose) FOLD_##NAME,
#include "proto/tables/fold_settings.def"
#undef FOLD_SETTING
    FOLD_SETTING_COUNT
};

enum fold_setting_kind { FOLD_KIND_NUMBER, FOLD_KIND_RISING, FOLD_KIND_HOURS };

struct fold_setting_row {
    const char *name;
    enum fold_setting_kind kind;
    const char *initial;
    int64_t min;
    int64_t max;
    const char *unit;
    const char *prose;
};

struct fold_settings {
    int64_t numbers[FOLD_SETTING_COUNT][FOLD_NUMBERS_MAX]; /* a NUMBER has one, the others are 0; HOURS have three:
                                                                     from and until in minutes, and 1, or 0 for default */
};

const struct fold_setting_row *fold_setting_row(enum fold_setting setting);
int fold_setting_find(struct text name); /* enum fold_setting or -1 */

/* Reads a value; false when it is none, `numbers` is then undefined. */
bool fold_setting_parse(enum fold_setting setting, struct text value, int64_t numbers[FOLD_NUMBERS_MAX]);

/* What a value must be: "a whole number from 0 to 365 (days)". */
void fold_setting_limit(enum fold_setting setting, char out[FOLD_LIMIT_MAX]);

void fold_settings_begin(struct fold_settings *settings);

/* What this build does not know, or cannot read, is passed over (intake admits none): false. */
bool fold_settings_apply(struct fold_settings *settings, const struct wire_setting *setting);

static inline int64_t fold_number(const struct fold_settings *settings, enum fold_setting setting) {
    return settings->numbers[setting][0];
}
