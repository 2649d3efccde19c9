/* Log lines: a splitter and a reader of the first pairs of logfmt. */
#include "services/chaoxun/log_line.h"

#include <stdio.h>

void line_split_end(struct line_splitter *splitter, void (*take)(void *data, struct text line), void *data) {
    if (splitter->length > 0) {
        take(data, (struct text){splitter->bytes, splitter->length});
        splitter->length = 0;
    }
}

void line_split(struct line_splitter *splitter, const char *bytes, size_t length,
                void (*take)(void *data, struct text line), void *data) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            line_split_end(splitter, take, data);
            continue;
        }
        splitter->bytes[splitter->length++] = bytes[i];
        if (splitter->length == LOG_LINE_MAX) {
            line_split_end(splitter, take, data);
        }
    }
}

/* The value of the next "key=value" pair when it has this key, else .data NULL; moves `line` behind it. Quotes stay
 * around a value that has them. */
static struct text next_value(struct text *line, const char *key) {
    size_t length = strlen(key);
    if (line->length <= length || strncmp(line->data, key, length) != 0 || line->data[length] != '=') {
        return (struct text){NULL, 0};
    }
    uint32_t start = (uint32_t)length + 1;
    uint32_t end = start;
    bool quoted = end < line->length && line->data[end] == '"';
    bool open = quoted;
    end += quoted;
    while (end < line->length && (open || line->data[end] != ' ')) {
        if (open && line->data[end] == '\\') {
            end++;
        } else if (open && line->data[end] == '"') {
            open = false;
        }
        end++;
    }
    end = end < line->length ? end : line->length;
    struct text value = {line->data + start, end - start};
    uint32_t taken = end < line->length ? end + 1 : end;
    *line = (struct text){line->data + taken, line->length - taken};
    return value;
}

struct log_pairs {
    struct text level;
    struct text message;
    struct text rest;
};

static bool parse(struct text line, struct log_pairs *pairs) {
    if (!next_value(&line, "time").data) {
        return false;
    }
    pairs->level = next_value(&line, "level");
    if (!pairs->level.data || !next_value(&line, "service").data) {
        return false;
    }
    pairs->message = next_value(&line, "message");
    pairs->rest = line;
    return pairs->message.data != NULL;
}

enum log_level log_line_level(struct text line) {
    struct log_pairs pairs;
    char word[8];
    if (!parse(line, &pairs) || pairs.level.length >= sizeof word) {
        return LOG_LEVEL_ERROR;
    }
    memcpy(word, pairs.level.data, pairs.level.length);
    word[pairs.level.length] = '\0';
    int level = log_level_parse(word);
    return level < 0 ? LOG_LEVEL_ERROR : (enum log_level)level;
}

size_t log_line_shorten(struct text line, const char *service, char *out, size_t size) {
    struct log_pairs pairs;
    if (!parse(line, &pairs)) {
        snprintf(out, size, "%s: %.*s", service, (int)line.length, line.data);
    } else {
        struct text message = pairs.message;
        if (message.length >= 2 && message.data[0] == '"') {
            message = (struct text){message.data + 1, message.length - 2};
        }
        snprintf(out, size, "%s: %.*s%s%.*s", service, (int)message.length, message.data,
                 pairs.rest.length > 0 ? " " : "", (int)pairs.rest.length, pairs.rest.data);
    }
    return strlen(out);
}
