/* Faults: everything that is wrong with one event or document, collected instead of stopping at the first.
 *
 * A fault names the field by its path (body.measures[2].unit), the limit that was passed and the value found, cut to
 * 60 characters. At most FAULTS_MAX are kept; `more` counts the rest. Plain data: copy it freely.
 */
#pragma once

#include "common/error.h"
#include "proto/field_path.h"
#include "proto/types.h"

#define FAULTS_MAX 16
#define FAULT_FIELD_MAX 120
#define FAULT_WORD_MAX 200

struct fault {
    enum error_code code;
    char field[FAULT_FIELD_MAX];
    char limit[FAULT_WORD_MAX];
    char value[FAULT_WORD_MAX];
};

struct faults {
    struct fault items[FAULTS_MAX];
    uint32_t count;
    uint32_t more;
};

/* Adds a fault; each text may be NULL. Texts are cut at whole characters and control characters are shown as \xNN. */
void faults_add(struct faults *faults, enum error_code code, const char *field, const char *limit, struct text value);

/* The same with the field as a path. */
void faults_add_at(struct faults *faults, enum error_code code, const struct field_path *path, const char *limit,
                   struct text value);

/* Forgets all of them; cheaper than zeroing. A zeroed struct is empty too. */
static inline void faults_clear(struct faults *faults) {
    faults->count = 0;
    faults->more = 0;
}

static inline bool faults_any(const struct faults *faults) {
    return faults->count > 0;
}

/* The fault's text in a language: what was wrong and what to do. */
size_t fault_render(const struct fault *fault, enum error_language language, char *out, size_t size);

/* The first fault as an error (for callers that have only one to show). */
int faults_to_error(const struct faults *faults, struct error *error);
