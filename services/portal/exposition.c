/* Merging metrics by family. */
#include "services/portal/exposition.h"

#define FAMILIES_MAX 256

struct families {
    struct text names[FAMILIES_MAX];
    uint32_t count;
};

static struct text next_line(struct text *rest) {
    const char *end = memchr(rest->data, '\n', rest->length);
    uint32_t length = end ? (uint32_t)(end - rest->data) : rest->length;
    struct text line = {rest->data, length};
    uint32_t step = end ? length + 1 : length;
    *rest = (struct text){rest->data + step, rest->length - step};
    return line;
}

static bool begins(struct text line, const char *prefix) {
    size_t length = strlen(prefix);
    return line.length >= length && memcmp(line.data, prefix, length) == 0;
}

/* The metric that a line speaks of; empty for other comments. */
static struct text name_of(struct text line) {
    if (begins(line, "# HELP ") || begins(line, "# TYPE ")) {
        line = (struct text){line.data + 7, line.length - 7};
    } else if (begins(line, "#")) {
        return (struct text){0};
    }
    uint32_t length = 0;
    while (length < line.length && !strchr(" {", line.data[length])) {
        length++;
    }
    return (struct text){line.data, length};
}

static bool is_comment(struct text line) {
    return begins(line, "#");
}

static void find_families(struct families *families, struct text rest) {
    while (rest.length > 0) {
        struct text name = name_of(next_line(&rest));
        bool known = name.length == 0;
        for (uint32_t i = 0; !known && i < families->count; i++) {
            known = text_equal(families->names[i], name);
        }
        if (!known && families->count < FAMILIES_MAX) {
            families->names[families->count++] = name;
        }
    }
}

/* The lines of one family: of the first text that has it with HELP and TYPE, of the others the samples. */
static void put_family(struct text name, const struct text *texts, uint32_t count, struct buffer *out) {
    bool described = false;
    for (uint32_t i = 0; i < count; i++) {
        bool here = false;
        for (struct text rest = texts[i]; rest.length > 0;) {
            struct text line = next_line(&rest);
            if (!text_equal(name_of(line), name) || (described && is_comment(line))) {
                continue;
            }
            buffer_append(out, line.data, line.length);
            buffer_append(out, "\n", 1);
            here = true;
        }
        described = described || here;
    }
}

void exposition_merge(const struct text *texts, uint32_t count, struct buffer *out) {
    struct families families = {0};
    for (uint32_t i = 0; i < count; i++) {
        find_families(&families, texts[i]);
    }
    for (uint32_t i = 0; i < families.count; i++) {
        put_family(families.names[i], texts, count, out);
    }
}
