/* The copy and its texts in one block. */
#include "services/notifier/channels/message_copy.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const size_t texts[] = {
    offsetof(struct channel_message, address),    offsetof(struct channel_message, name),
    offsetof(struct channel_message, title),      offsetof(struct channel_message, text),
    offsetof(struct channel_message, report_url), offsetof(struct channel_message, report_tag),
    offsetof(struct channel_message, message_id), offsetof(struct channel_message, return_path),
};
#define TEXTS (sizeof texts / sizeof *texts)

static const char **text_at(struct channel_message *message, size_t i) {
    return (const char **)(void *)((char *)message + texts[i]);
}

struct channel_message *message_copy(const struct channel_message *message) {
    struct channel_message whole = *message;
    size_t size = sizeof whole;
    for (size_t i = 0; i < TEXTS; i++) {
        const char **text = text_at(&whole, i);
        *text = *text ? *text : "";
        size += strlen(*text) + 1;
    }
    struct channel_message *copy = malloc(size);
    if (!copy) {
        return NULL;
    }
    *copy = whole;
    char *end = (char *)(copy + 1);
    for (size_t i = 0; i < TEXTS; i++) {
        size_t length = strlen(*text_at(&whole, i)) + 1;
        *text_at(copy, i) = memcpy(end, *text_at(&whole, i), length);
        end += length;
    }
    return copy;
}
