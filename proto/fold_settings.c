/* Settings of the folds: the rows as data, and their values from text. */
#include "proto/fold_settings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "proto/day_time.h"

#define DIGITS_MAX 15

static const struct fold_setting_row rows[FOLD_SETTING_COUNT] = {
#define FOLD_SETTING(NAME, name, kind, initial, min, max, unit, prose) \
    [FOLD_##NAME] = {name, FOLD_KIND_##kind, initial, min, max, unit, prose},
#include "proto/tables/fold_settings.def"
#undef FOLD_SETTING
};

const struct fold_setting_row *fold_setting_row(enum fold_setting setting) {
    assert(setting < FOLD_SETTING_COUNT);
    return &rows[setting];
}

int fold_setting_find(struct text name) {
    for (int setting = 0; setting < FOLD_SETTING_COUNT; setting++) {
        if (text_equal(name, text_of(rows[setting].name))) {
            return setting;
        }
    }
    return -1;
}

/* Takes a number from the front. */
static bool take_number(struct text *text, int64_t *number) {
    uint32_t digits = 0;
    *number = 0;
    while (digits < text->length && digits < DIGITS_MAX && text->data[digits] >= '0' && text->data[digits] <= '9') {
        *number = *number * 10 + (text->data[digits] - '0');
        digits++;
    }
    *text = (struct text){text->data + digits, text->length - digits};
    return digits > 0;
}

static bool take_comma(struct text *text) {
    bool there = text->length > 0 && text->data[0] == ',';
    *text = (struct text){text->data + there, text->length - there};
    return there;
}

/* From and until are the same for none. */
static bool parse_hours(struct text value, int64_t numbers[FOLD_NUMBERS_MAX]) {
    int32_t from = 0;
    int32_t until = 0;
    bool named = day_span_parse(value, &from, &until) || text_equal(value, text_of("off"));
    if (named) {
        numbers[0] = from;
        numbers[1] = until;
        numbers[2] = 1;
    }
    return named || text_equal(value, text_of("default"));
}

bool fold_setting_parse(enum fold_setting setting, struct text value, int64_t numbers[FOLD_NUMBERS_MAX]) {
    const struct fold_setting_row *row = fold_setting_row(setting);
    uint32_t wanted = row->kind == FOLD_KIND_RISING ? FOLD_NUMBERS_MAX : 1;
    memset(numbers, 0, FOLD_NUMBERS_MAX * sizeof *numbers);
    if (row->kind == FOLD_KIND_HOURS || value.length == 0) {
        return row->kind == FOLD_KIND_HOURS && parse_hours(value, numbers);
    }
    for (uint32_t i = 0; i < wanted; i++) {
        bool there = (i == 0 || take_comma(&value)) && take_number(&value, &numbers[i]);
        bool rises = i == 0 || numbers[i] > numbers[i - 1];
        if (!there || !rises || numbers[i] < row->min || numbers[i] > row->max) {
            return false;
        }
    }
    return value.length == 0;
}

void fold_setting_limit(enum fold_setting setting, char out[FOLD_LIMIT_MAX]) {
    const struct fold_setting_row *row = fold_setting_row(setting);
    if (row->kind == FOLD_KIND_HOURS) {
        snprintf(out, FOLD_LIMIT_MAX, "two times, like 22:00-07:00, off for none, or default (the service's setting)");
        return;
    }
    const char *what =
        row->kind == FOLD_KIND_RISING ? "five rising whole numbers joined by commas, each" : "a whole number";
    bool has_unit = row->unit[0] != '\0';
    snprintf(out, FOLD_LIMIT_MAX, "%s from %" PRId64 " to %" PRId64 "%s%s%s", what, row->min, row->max,
             has_unit ? " (" : "", row->unit, has_unit ? ")" : "");
}

void fold_settings_begin(struct fold_settings *settings) {
    for (int setting = 0; setting < FOLD_SETTING_COUNT; setting++) {
        bool good =
            fold_setting_parse((enum fold_setting)setting, text_of(rows[setting].initial), settings->numbers[setting]);
        assert(good);
    }
}

bool fold_settings_apply(struct fold_settings *settings, const struct wire_setting *setting) {
    int which = fold_setting_find(setting->name);
    int64_t numbers[FOLD_NUMBERS_MAX];
    if (which < 0 || !fold_setting_parse((enum fold_setting)which, setting->value, numbers)) {
        return false;
    }
    memcpy(settings->numbers[which], numbers, sizeof numbers);
    return true;
}
