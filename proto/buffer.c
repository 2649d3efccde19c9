/* A buffer that grows, and remembers when it could not. */
#include <stdlib.h>

#include "proto/codec.h"

#define FIRST_CAPACITY 1024

static bool grow(struct buffer *buffer, size_t length) {
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity - buffer->length < length) {
        if (capacity > SIZE_MAX / 2) {
            return false;
        }
        capacity *= 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (!data) {
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void *buffer_extend(struct buffer *buffer, size_t length) {
    if (buffer->failed || (buffer->capacity - buffer->length < length && !grow(buffer, length))) {
        buffer->failed = true;
        return NULL;
    }
    uint8_t *end = buffer->data + buffer->length;
    buffer->length += length;
    return end;
}

void buffer_append(struct buffer *buffer, const void *data, size_t length) {
    void *end = length > 0 ? buffer_extend(buffer, length) : NULL;
    if (end) {
        memcpy(end, data, length);
    }
}

void buffer_append_string(struct buffer *buffer, const char *string) {
    buffer_append(buffer, string, strlen(string));
}

void buffer_clear(struct buffer *buffer) {
    buffer->length = 0;
    buffer->failed = false;
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}
