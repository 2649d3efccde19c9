/* Recipients: words to units. */
#include "services/chaoxun/recipients.h"

#include <stdio.h>

#include "proto/validate_text.h"

static size_t mark_at(const char *text) {
    static const char *const marks[] = {",", "，", "、"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t length = strlen(marks[i]);
        if (strncmp(text, marks[i], length) == 0) {
            return length;
        }
    }
    return 0;
}

static bool is_there(const struct recipients *recipients, struct text unit) {
    for (uint32_t i = 0; i < recipients->count; i++) {
        if (text_equal(recipients->units[i], unit)) {
            return true;
        }
    }
    return false;
}

/* False when there is no room. */
static bool add(struct recipients *recipients, struct text unit) {
    while (unit.length > 0 && *unit.data == ' ') {
        unit = (struct text){unit.data + 1, unit.length - 1};
    }
    while (unit.length > 0 && unit.data[unit.length - 1] == ' ') {
        unit.length--;
    }
    if (unit.length == 0 || is_there(recipients, unit)) {
        return true;
    }
    if (recipients->count == RECIPIENTS_MAX) {
        return false;
    }
    recipients->units[recipients->count++] = unit;
    return true;
}

int recipients_read(struct recipients *recipients, const char *words, struct error *error) {
    recipients->count = 0;
    const char *start = words;
    for (const char *at = words;; at++) {
        size_t mark = mark_at(at);
        if (mark == 0 && *at != '\0') {
            continue;
        }
        if (!add(recipients, (struct text){start, (uint32_t)(at - start)})) {
            return error_set(error, ERR_TOO_MANY, (struct error_words){"--unit", "500", "more"});
        }
        if (*at == '\0') {
            break;
        }
        start = at + mark;
        at = start - 1;
    }
    return recipients->count > 0 ? 0 : error_setf(error, ERR_USAGE, "--unit names no unit");
}

bool recipients_have_names(const struct recipients *recipients) {
    for (uint32_t i = 0; i < recipients->count; i++) {
        if (!text_is_path(recipients->units[i])) {
            return true;
        }
    }
    return false;
}

int recipients_resolve(struct recipients *recipients, const struct registry *registry, struct error *error) {
    const struct recipients named = *recipients;
    recipients->count = 0;
    for (uint32_t i = 0; i < named.count; i++) {
        const struct registry_unit *unit = registry_find_unit(registry, named.units[i]);
        if (!unit) {
            char value[EVENT_UNIT_MAX + 1];
            snprintf(value, sizeof value, "%.*s", (int)named.units[i].length, named.units[i].data);
            return error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.value = value});
        }
        add(recipients, unit->path);
    }
    return 0;
}
