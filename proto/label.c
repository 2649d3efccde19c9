/* The rows of labels.def. */
#include "proto/label.h"

#include <stddef.h>
#include <string.h>

const char *label_chinese(const char *field) {
    static const struct {
        const char *field;
        const char *chinese;
    } rows[] = {
#define LABEL(field, chinese) {#field, chinese},
#include "proto/tables/labels.def"
#undef LABEL
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].field, field) == 0) {
            return rows[i].chinese;
        }
    }
    return NULL;
}
