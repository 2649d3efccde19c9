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

bool refusal_read(const struct wire_fault *found, refusal_header header_of, struct fault *fault) {
    char field[FAULT_FIELD_MAX];
    char limit[FAULT_WORD_MAX];
    char value[FAULT_WORD_MAX];
    char day[DATE_TEXT_SIZE];
    enum error_code code = error_from_wire(found->code.data, found->code.length);
    snprintf(field, sizeof field, "%.*s", (int)found->field.length, found->field.data);
    snprintf(limit, sizeof limit, "%.*s", (int)found->limit.length, found->limit.data);
    snprintf(value, sizeof value, "%.*s", (int)found->value.length, found->value.data);
    const char *header = header_of(field);
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

bool refusal_foresee(const struct event *event, struct arena *arena, refusal_header header_of, struct faults *faults) {
    struct buffer bytes = {0};
    struct faults found = {0};
    struct event again;
    if (codec_encode_event(event, PART_CLIENT, &bytes) != 0) {
        buffer_free(&bytes);
        return false;
    }
    char *copy = arena_copy(arena, bytes.data, bytes.length);
    struct text whole = {copy, (uint32_t)bytes.length};
    buffer_free(&bytes);
    if (!copy) {
        return false;
    }
    codec_decode_event(whole, arena, &again, &found);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct fault *fault = &found.items[i];
        faults_add(faults, fault->code, header_of(fault->field), fault->limit, text_of(fault->value));
    }
    return true;
}
