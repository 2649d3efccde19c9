/* Refusals: from the paths of fields to the headers of columns. */
#include "common/import/refusal.h"

#include <stdio.h>
#include <stdlib.h>

#define CHINA_OFFSET_MINUTES 480

static struct fault one_fault(enum error_code code, const char *field, const char *limit, const char *value) {
    struct faults faults = {0};
    faults_add(&faults, code, field, limit, text_of(value));
    return faults.items[0];
}

bool refusal_read(const struct wire_fault *found, struct fault *fault) {
    char field[FAULT_FIELD_MAX];
    char limit[FAULT_WORD_MAX];
    char value[FAULT_WORD_MAX];
    char day[DATE_TEXT_SIZE];
    enum error_code code = error_from_wire(found->code.data, found->code.length);
    snprintf(field, sizeof field, "%.*s", (int)found->field.length, found->field.data);
    snprintf(limit, sizeof limit, "%.*s", (int)found->limit.length, found->limit.data);
    snprintf(value, sizeof value, "%.*s", (int)found->value.length, found->value.data);
    const char *header = import_header_of(field);
    if (code == ERR_OK || header == field) {
        return false;
    }
    if (code != ERR_TIME_AHEAD) {
        *fault = one_fault(code, header, limit, value);
        return true;
    }
    /* The row has a day, not a time; intake tells the milliseconds at which that day begins. */
    day_format(day_of_time(strtoll(value, NULL, 10), CHINA_OFFSET_MINUTES), day);
    *fault = one_fault(ERR_DAY_AHEAD, header, "", day);
    return true;
}
