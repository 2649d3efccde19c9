/* Faults: collecting, rendering. */
#include "proto/faults.h"

#include <stdio.h>

#define SHOWN_CHARACTERS 60

/* One character as it may be shown: control characters and bytes that are no character as \xNN. Returns the bytes
 * taken from `text`; `*written` counts those put to `out` (room for 4). */
static uint32_t show_character(struct text text, char out[5], size_t *written) {
    for (uint32_t length = 1; length <= 4 && length <= text.length; length++) {
        struct text_facts facts = text_examine((struct text){text.data, length});
        if (facts.valid && facts.characters == 1) {
            if (facts.controls || facts.line_controls) {
                break;
            }
            memcpy(out, text.data, length);
            *written = length;
            return length;
        }
    }
    snprintf(out, 5, "\\x%02X", (unsigned char)text.data[0]);
    *written = 4;
    return 1;
}

/* At most `characters` of the text, as many as fit. */
static void show(struct text text, uint32_t characters, char *out, size_t size) {
    size_t used = 0;
    while (text.length > 0 && characters > 0) {
        char character[5];
        size_t written;
        uint32_t taken = show_character(text, character, &written);
        if (used + written >= size) {
            break;
        }
        memcpy(out + used, character, written);
        used += written;
        characters--;
        text = (struct text){text.data + taken, text.length - taken};
    }
    out[used] = '\0';
}

void faults_add(struct faults *faults, enum error_code code, const char *field, const char *limit, struct text value) {
    if (faults->count == FAULTS_MAX) {
        faults->more++;
        return;
    }
    struct fault *fault = &faults->items[faults->count++];
    fault->code = code;
    show(text_of(field), UINT32_MAX, fault->field, sizeof fault->field);
    show(text_of(limit), UINT32_MAX, fault->limit, sizeof fault->limit);
    show(value, SHOWN_CHARACTERS, fault->value, sizeof fault->value);
}

void faults_add_at(struct faults *faults, enum error_code code, const struct field_path *path, const char *limit,
                   struct text value) {
    char field[FAULT_FIELD_MAX];
    field_path_format(path, field, sizeof field);
    faults_add(faults, code, field, limit, value);
}

static struct error_words words_of(const struct fault *fault) {
    return (struct error_words){.field = fault->field, .limit = fault->limit, .value = fault->value};
}

size_t fault_render(const struct fault *fault, enum error_language language, char *out, size_t size) {
    return error_render(out, size, fault->code, language, words_of(fault));
}

int faults_to_error(const struct faults *faults, struct error *error) {
    if (faults->count == 0) {
        return 0;
    }
    return error_set(error, faults->items[0].code, words_of(&faults->items[0]));
}
