/* Values that are written as text on the wire: days, months and words. */
#include <stdio.h>

#include "proto/validate.h"

static bool bad_word(enum field_kind kind, struct text text, const struct field_path *path, struct faults *faults) {
    char words[FAULT_WORD_MAX];
    size_t used = 0;
    for (int value = 0; value < word_count(kind) && used < sizeof words; value++) {
        int added = snprintf(words + used, sizeof words - used, "%s%s", value > 0 ? ", " : "", word_wire(kind, value));
        used += (size_t)added;
    }
    faults_add_at(faults, ERR_BAD_WORD, path, words, text);
    return false;
}

bool validate_text_value(enum field_kind kind, struct text text, void *value, const struct field_path *path,
                         struct faults *faults) {
    if (kind == KIND_DATE || kind == KIND_MONTH) {
        if (kind == KIND_DATE ? day_parse(text, value) : month_parse(text, value)) {
            return true;
        }
        faults_add_at(faults, ERR_BAD_FORMAT, path, kind == KIND_DATE ? "a day, YYYY-MM-DD" : "a month, YYYY-MM", text);
        return false;
    }
    int word = word_find(kind, text);
    if (word < 0) {
        return bad_word(kind, text, path, faults);
    }
    *(int32_t *)value = word;
    return true;
}
