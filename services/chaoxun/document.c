/* Documents: what json_from_shape makes, printed. */
#include "services/chaoxun/document.h"

#include <stdlib.h>

#include "services/chaoxun/files.h"

#define INPUT_BYTES_MAX 65536

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

int document_print_rows(const char *header, struct buffer *rows, struct error *error) {
    printf("%s\r\n", header);
    if (rows->length > 0) {
        fwrite(rows->data, 1, rows->length, stdout);
    }
    int result = rows->failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
    buffer_free(rows);
    return result;
}

json_t *document_read(struct error *error) {
    struct buffer input = {0};
    json_t *document = NULL;
    if (file_read("-", INPUT_BYTES_MAX, &input, error) == 0) {
        document = json_parse((struct text){(const char *)input.data, (uint32_t)input.length}, error);
    }
    buffer_free(&input);
    if (document && !json_is_object(document)) {
        json_decref(document);
        document = NULL;
        error_setf(error, ERR_BAD_JSON, "an object is expected");
    }
    return document;
}
