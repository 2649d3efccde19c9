/* Templates: a walk over text and braces, for checking and for filling in. */
#include "proto/template.h"

#include <stdio.h>

#include "proto/sms.h"

static const struct template_row {
    const char *name;
    const char *chinese;
    const char *rules;
    uint32_t units;
} rows[TEMPLATE_FIELD_COUNT] = {
#define TEMPLATE_FIELD(NAME, name, chinese, rules, units, prose) [TEMPLATE_##NAME] = {name, chinese, rules, units},
#include "proto/tables/template_fields.def"
#undef TEMPLATE_FIELD
};

/* The next piece of a template: text, or what stands in braces. */
struct piece {
    struct text text;
    bool field;
    bool broken; /* a brace without the other one */
};

static uint32_t span(struct text text, const char *ends) {
    uint32_t length = 0;
    while (length < text.length && !strchr(ends, text.data[length])) {
        length++;
    }
    return length;
}

static bool next_piece(struct text *rest, struct piece *piece) {
    if (rest->length == 0) {
        return false;
    }
    uint32_t length = span(*rest, "{}");
    *piece = (struct piece){.text = {rest->data, length}};
    if (length == 0) {
        struct text inside = {rest->data + 1, rest->length - 1};
        length = span(inside, "{}");
        bool closed = rest->data[0] == '{' && length < inside.length && inside.data[length] == '}';
        *piece = (struct piece){.text = {inside.data, length}, .field = closed, .broken = !closed};
        length += closed ? 2 : 1;
    }
    *rest = (struct text){rest->data + length, rest->length - length};
    return true;
}

static int find_field(struct text name) {
    for (int i = 0; i < TEMPLATE_FIELD_COUNT; i++) {
        if (text_equal(name, text_of(rows[i].name)) || text_equal(name, text_of(rows[i].chinese))) {
            return i;
        }
    }
    return -1;
}

static bool has_value(int field, struct text rule) {
    char word[40];
    snprintf(word, sizeof word, "%.*s", (int)rule.length, rule.data);
    return words_hold(rows[field].rules, word);
}

/* Names and places may hold rare characters; the other values are digits and words of ours. */
static uint32_t pairs_of(int field) {
    bool named = field == TEMPLATE_UNIT || field == TEMPLATE_RULE || field == TEMPLATE_PLACE;
    return named ? rows[field].units : 0;
}

struct template_check template_check(struct text template, struct text rule) {
    struct template_check check = {.fault = TEMPLATE_IN_ORDER};
    struct piece piece;
    while (check.fault == TEMPLATE_IN_ORDER && next_piece(&template, &piece)) {
        int field = piece.field ? find_field(piece.text) : -1;
        if (piece.broken) {
            check.fault = TEMPLATE_BRACES;
        } else if (piece.field && (field < 0 || !has_value(field, rule))) {
            check.fault = TEMPLATE_UNKNOWN;
        }
        check.word = piece.text;
        check.units += piece.field && field >= 0 ? rows[field].units : sms_units(piece.text);
        check.pairs += piece.field && field >= 0 ? pairs_of(field) : sms_pairs(piece.text);
    }
    return check;
}

void template_list(struct text rule, char *out, size_t size) {
    int used = 0;
    out[0] = '\0';
    for (int i = 0; i < TEMPLATE_FIELD_COUNT && used >= 0 && (size_t)used < size; i++) {
        if (has_value(i, rule)) {
            used += snprintf(out + used, size - (size_t)used, "%s{%s}", used > 0 ? ", " : "", rows[i].chinese);
        }
    }
}

void template_fill(struct text template, const struct template_values *values, struct buffer *out) {
    struct piece piece;
    while (next_piece(&template, &piece)) {
        int field = piece.field ? find_field(piece.text) : -1;
        struct text text = field >= 0 ? values->items[field] : piece.text;
        if (text.data) {
            buffer_append(out, text.data, text.length);
        } else {
            buffer_append_string(out, TEMPLATE_NO_VALUE);
        }
    }
}
