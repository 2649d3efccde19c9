/* Faults as the records of receipts. */
#include "proto/fault_list.h"

/* A terminated copy in the arena as a view; false without memory. */
static bool keep(struct arena *arena, const char *text, struct text *out) {
    *out = text_of(arena_copy(arena, text, strlen(text)));
    return out->data != NULL;
}

static bool keep_rendered(struct arena *arena, const struct fault *fault, enum error_language language,
                          struct text *out) {
    char text[ERROR_TEXT_MAX];
    fault_render(fault, language, text, sizeof text);
    return keep(arena, text, out);
}

static bool fill(const struct fault *fault, struct arena *arena, struct wire_fault *wire) {
    wire->present = (UINT64_C(1) << FIELD_COUNT_fault) - 1;
    wire->code = text_of(error_wire(fault->code));
    return keep(arena, fault->field, &wire->field) && keep(arena, fault->limit, &wire->limit) &&
           keep(arena, fault->value, &wire->value) && keep_rendered(arena, fault, LANGUAGE_ZH, &wire->text) &&
           keep_rendered(arena, fault, LANGUAGE_EN, &wire->text_en);
}

int faults_to_list(const struct faults *faults, struct arena *arena, struct list *out) {
    struct wire_fault *items = faults->count > 0 ? arena_alloc(arena, faults->count * sizeof *items) : NULL;
    *out = (struct list){items, faults->count};
    for (uint32_t i = 0; i < faults->count; i++) {
        if (!items || !fill(&faults->items[i], arena, &items[i])) {
            *out = (struct list){0};
            return -ERR_NO_MEMORY;
        }
    }
    return 0;
}
