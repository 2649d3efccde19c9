/* The settings table: rows of settings.def, checks of values, suggestions for misspelt names. */
#include "common/setting.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/edge.h"
#include "common/log.h"

static const struct setting_row rows[SETTING_COUNT] = {
#define SETTING(NAME, name, kind, initial, min, max, unit, services, prose) \
    [SETTING_##NAME] = {name, SETTING_KIND_##kind, initial, min, max, unit, services, prose},
#include "proto/tables/settings.def"
#undef SETTING
};

const struct setting_row *setting_row(enum setting setting) {
    assert(setting < SETTING_COUNT);
    return &rows[setting];
}

int setting_find(struct text name) {
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        if (text_equal(text_of(rows[setting].name), name)) {
            return setting;
        }
    }
    return -1;
}

bool setting_serves(enum setting setting, const char *service) {
    const char *words = rows[setting].services;
    return !service || strcmp(words, "all") == 0 || words_hold(words, service);
}

void setting_limit(enum setting setting, char out[SETTING_LIMIT_MAX]) {
    const struct setting_row *row = setting_row(setting);
    if (setting == SETTING_LOG_LEVEL) {
        snprintf(out, SETTING_LIMIT_MAX, "debug, info, warn or error");
    } else if (row->kind == SETTING_KIND_BOOL) {
        snprintf(out, SETTING_LIMIT_MAX, "true or false");
    } else if (row->kind == SETTING_KIND_INT) {
        snprintf(out, SETTING_LIMIT_MAX, "a whole number from %" PRId64 " to %" PRId64, row->min, row->max);
    } else {
        snprintf(out, SETTING_LIMIT_MAX, "text of %" PRId64 " to %" PRId64 " bytes", row->min, row->max);
    }
}

static bool parse_int(const char *value, int64_t *number) {
    size_t sign = *value == '-';
    size_t digits = strspn(value + sign, "0123456789");
    if (digits == 0 || value[sign + digits] != '\0') {
        return false;
    }
    errno = 0;
    *number = strtoll(value, NULL, 10);
    return errno == 0;
}

static bool parse_bool(const char *value, int64_t *number) {
    *number = strcmp(value, "true") == 0;
    return *number != 0 || strcmp(value, "false") == 0;
}

static bool fits(enum setting setting, const char *value, int64_t *number) {
    const struct setting_row *row = setting_row(setting);
    switch (row->kind) {
    case SETTING_KIND_INT:
        return parse_int(value, number) && *number >= row->min && *number <= row->max;
    case SETTING_KIND_BOOL:
        return parse_bool(value, number);
    default:
        break;
    }
    int64_t length = (int64_t)strlen(value);
    bool word = setting != SETTING_LOG_LEVEL || log_level_parse(value) >= 0;
    return length >= row->min && length <= row->max && word;
}

static int refuse(const char *name, const char *value, const char *limit, struct error *error) {
    char shown[SETTING_NAME_MAX];
    text_show(text_of(value), shown, sizeof shown);
    char quoted[SETTING_NAME_MAX + 2];
    snprintf(quoted, sizeof quoted, "\"%s\"", shown);
    return error_set(error, ERR_BAD_SETTING, (struct error_words){.field = name, .value = quoted, .limit = limit});
}

int setting_check(enum setting setting, const char *value, int64_t *number, struct error *error) {
    *number = 0;
    if (fits(setting, value, number)) {
        return 0;
    }
    char limit[SETTING_LIMIT_MAX];
    setting_limit(setting, limit);
    return refuse(setting_row(setting)->name, value, limit, error);
}

static bool is_tcp(const char *value) {
    if (strncmp(value, "tcp://", 6) != 0) {
        return false;
    }
    const char *colon = strrchr(value + 6, ':');
    int64_t port = 0;
    bool number = colon && parse_int(colon + 1, &port) && port >= 0 && port <= 65535;
    return number && colon > value + 6;
}

int setting_check_endpoint(const char *name, const char *value, struct error *error) {
    bool ipc = strncmp(value, "ipc://", 6) == 0 && value[6] != '\0' && value[6] != '@' && value[6] != '*';
    if (strlen(value) <= 4096 && (ipc || is_tcp(value))) {
        return 0;
    }
    return refuse(name, value, "tcp://ADDRESS:PORT or ipc://PATH", error);
}

/* Levenshtein distance of two short words (Wagner and Fischer 1974, one row kept). */
static size_t distance(const char *a, const char *b) {
    size_t row[SETTING_NAME_MAX + 1];
    size_t width = strnlen(b, SETTING_NAME_MAX);
    for (size_t column = 0; column <= width; column++) {
        row[column] = column;
    }
    for (size_t line = 0; a[line] != '\0'; line++) {
        size_t corner = row[0];
        row[0] = line + 1;
        for (size_t column = 1; column <= width; column++) {
            size_t changed = corner + (a[line] != b[column - 1]);
            corner = row[column];
            size_t added = (row[column - 1] < row[column] ? row[column - 1] : row[column]) + 1;
            row[column] = changed < added ? changed : added;
        }
    }
    return row[width];
}

struct nearest {
    char name[SETTING_NAME_MAX];
    size_t distance;
};

static void consider(struct nearest *nearest, const char *given, const char *prefix, const char *name) {
    char whole[SETTING_NAME_MAX];
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    size_t found = distance(given, whole);
    if (found < nearest->distance) {
        nearest->distance = found;
        memcpy(nearest->name, whole, sizeof whole);
    }
}

int setting_unknown(struct text name, struct error *error) {
    char given[SETTING_NAME_MAX];
    text_show(name, given, sizeof given);
    struct nearest nearest = {.distance = strlen(given) / 3 + 1};
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        consider(&nearest, given, "", rows[setting].name);
    }
    for (int edge = 0; edge < EDGE_COUNT; edge++) {
        consider(&nearest, given, "endpoint.", edge_row((enum edge)edge)->name);
    }
    char field[2 * SETTING_NAME_MAX + 32];
    if (nearest.name[0] != '\0') {
        snprintf(field, sizeof field, "%s (did you mean %s?)", given, nearest.name);
    } else {
        snprintf(field, sizeof field, "%s", given);
    }
    return error_set(error, ERR_UNKNOWN_SETTING, (struct error_words){.field = field});
}

void setting_environment(const char *name, char out[SETTING_NAME_MAX + 8]) {
    int used = snprintf(out, SETTING_NAME_MAX + 8, "CHAOXUN_%s", name);
    for (int i = 0; i < used && out[i] != '\0'; i++) {
        bool lower = out[i] >= 'a' && out[i] <= 'z';
        out[i] = lower ? (char)(out[i] - 'a' + 'A') : out[i];
        out[i] = out[i] == '.' || out[i] == '-' ? '_' : out[i];
    }
}
