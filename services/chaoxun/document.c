/* Documents: what json_from_shape makes, printed. */
#include "services/chaoxun/document.h"

#include <stdlib.h>

static void print(const struct shape *shape, const void *value, size_t flags) {
    json_t *json = json_from_shape(shape, value);
    char *text = json ? json_dumps(json, flags) : NULL;
    printf("%s\n", text ? text : "{}");
    free(text);
    json_decref(json);
}

void document_print(const struct shape *shape, const void *value) {
    print(shape, value, JSON_INDENT(2));
}

void document_print_line(const struct shape *shape, const void *value) {
    print(shape, value, JSON_COMPACT);
}

void document_write_flat(FILE *out, struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        char character = text.data[i];
        fputc(character == '\n' || character == '\r' || character == '\t' ? ' ' : character, out);
    }
}
