/* Faults looked up by field. */
#include "tests/unit/fault_check.h"

#include <stdio.h>

const struct fault *fault_at(const struct faults *faults, const char *field) {
    for (uint32_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->items[i].field, field) == 0) {
            return &faults->items[i];
        }
    }
    return NULL;
}

static bool tell(bool good, const struct faults *faults, const char *field, enum error_code code) {
    if (!good) {
        fprintf(stderr, "expected %s: %s, found %u faults\n", field, error_wire(code), faults->count);
        for (uint32_t i = 0; i < faults->count; i++) {
            const struct fault *fault = &faults->items[i];
            fprintf(stderr, "    %s: %s, limit %s, value %s\n", fault->field, error_wire(fault->code), fault->limit,
                    fault->value);
        }
    }
    return good;
}

bool has_fault(const struct faults *faults, const char *field, enum error_code code) {
    for (uint32_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->items[i].field, field) == 0 && faults->items[i].code == code) {
            return true;
        }
    }
    return tell(false, faults, field, code);
}

bool only_fault(const struct faults *faults, const char *field, enum error_code code) {
    return tell(faults->count == 1 && faults->more == 0, faults, field, code) && has_fault(faults, field, code);
}
