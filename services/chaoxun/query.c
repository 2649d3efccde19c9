/* Fields of questions. */
#include "services/chaoxun/query.h"

#include "proto/shape.h"

void query_text(const char *value, struct text *text, uint64_t *present, unsigned field) {
    if (value) {
        *text = text_of(value);
        wire_set(present, field);
    }
}

int query_day(const struct options *options, const char *name, int32_t *day, uint64_t *present, unsigned field,
              struct error *error) {
    const char *value = option_text(options, name);
    if (!value) {
        return 0;
    }
    wire_set(present, field);
    return day_parse(text_of(value), day)
               ? 0
               : error_setf(error, ERR_USAGE, "--%s: %.40s is not a day like 2026-05-06", name, value);
}

bool query_turn_page(struct text found, char copy[QUERY_CURSOR_SIZE], struct text *cursor, uint64_t *present,
                     unsigned field) {
    if (found.length == 0 || found.length >= QUERY_CURSOR_SIZE) {
        return false;
    }
    memcpy(copy, found.data, found.length);
    *cursor = (struct text){copy, found.length};
    wire_set(present, field);
    return true;
}
