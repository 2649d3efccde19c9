/* Names: one run of bytes, and where each text ends. */
#include "services/aggregator/names.h"

#include <stdlib.h>

#include "services/aggregator/column.h"

void names_start(struct names *names) {
    *names = (struct names){0};
    table_draw_key(&names->table);
}

void names_free(struct names *names) {
    free(names->texts);
    free(names->ends);
    table_free(&names->table);
    *names = (struct names){0};
}

struct text names_text(const struct names *names, uint32_t number) {
    uint32_t begin = number > 0 ? names->ends[number - 1] : 0;
    uint32_t length = names->ends[number] - begin;
    return length > 0 ? (struct text){names->texts + begin, length} : (struct text){"", 0};
}

static bool name_is(const void *owner, uint32_t number, const void *key) {
    return text_equal(names_text(owner, number), *(const struct text *)key);
}

uint32_t names_find(const struct names *names, struct text text) {
    return table_find(&names->table, table_hash_bytes(&names->table, text.data, text.length), name_is, names, &text);
}

uint32_t names_number(struct names *names, struct text text) {
    uint32_t hash = table_hash_bytes(&names->table, text.data, text.length);
    uint32_t number = table_find(&names->table, hash, name_is, names, &text);
    if (number != TABLE_NONE) {
        return number;
    }
    if (table_reserve(&names->table) < 0 ||
        column_reserve(&names->ends, &names->capacity, (uint64_t)names->count + 1, sizeof *names->ends) < 0 ||
        column_reserve(&names->texts, &names->texts_capacity, (uint64_t)names->length + text.length, 1) < 0) {
        return NAME_NONE;
    }
    if (text.length > 0) {
        memcpy(names->texts + names->length, text.data, text.length);
    }
    names->length += text.length;
    names->ends[names->count] = names->length;
    table_add(&names->table, hash, names->count);
    return names->count++;
}

int names_compare(struct text a, struct text b) {
    uint32_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}
