/* The log: builds one logfmt line and writes it with one write(2). */
#include "common/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define LINE_MAX_BYTES 1000

static const char *const level_words[] = {"debug", "info", "warn", "error"};

struct line {
    char bytes[LINE_MAX_BYTES];
    size_t used;
    bool full; /* nothing more fits; the newline always does */
};

static void put(struct line *line, const char *data, size_t length) {
    if (line->full || length > sizeof line->bytes - 1 - line->used) {
        line->full = true;
        return;
    }
    memcpy(line->bytes + line->used, data, length);
    line->used += length;
}

static void put_string(struct line *line, const char *text) {
    put(line, text, strlen(text));
}

/* Bytes of the UTF-8 character at `text`, as its first byte claims and the terminator allows. */
static size_t character_span(const char *text) {
    unsigned char first = (unsigned char)*text;
    size_t claimed = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return strnlen(text, claimed);
}

static bool is_control(const char *text, size_t span) {
    unsigned char first = (unsigned char)text[0];
    bool second_table = span == 2 && first == 0xC2 && (unsigned char)text[1] < 0xA0; /* U+0080 to U+009F */
    return first < 0x20 || first == 0x7F || second_table;
}

static void put_escaped(struct line *line, const char *text, size_t span) {
    if (*text == '\n') {
        put_string(line, "\\n");
        return;
    }
    for (size_t i = 0; i < span; i++) {
        char escape[5];
        snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)text[i]);
        put(line, escape, 4);
    }
}

/* Text without control characters; a whole character goes in or none of it. */
static void put_clean(struct line *line, const char *text, bool quoted) {
    while (*text != '\0') {
        size_t span = character_span(text);
        if (is_control(text, span)) {
            put_escaped(line, text, span);
        } else if (quoted && (*text == '"' || *text == '\\')) {
            put(line, (char[]){'\\', *text}, 2);
        } else {
            put(line, text, span);
        }
        text += span;
    }
}

static void put_value(struct line *line, const char *text) {
    bool quoted = *text == '\0' || strpbrk(text, " =\"\\\n") != NULL;
    put(line, "\"", quoted);
    put_clean(line, text, quoted);
    put(line, "\"", quoted);
}

static void put_time(struct line *line) {
    int64_t now = clock_now();
    time_t seconds = (time_t)(now / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    char text[64];
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, sizeof text - length, ".%03dZ", (int)(now % 1000));
    put_string(line, text);
}

static void put_start(struct line *line, const struct log *log, enum log_level level, const char *message) {
    put_string(line, "time=");
    put_time(line);
    put_string(line, " level=");
    put_string(line, level_words[level]);
    put_string(line, " service=");
    put_value(line, log->service);
    put_string(line, " message=");
    put_value(line, message);
}

static void finish(struct line *line, const struct log *log) {
    line->bytes[line->used++] = '\n';
    ssize_t written = write(log->descriptor, line->bytes, line->used);
    (void)written; /* where would one complain that the log cannot be written */
}

static void put_pairs(struct line *line, const char *format, va_list arguments) {
    char pairs[LINE_MAX_BYTES];
    vsnprintf(pairs, sizeof pairs, format, arguments);
    put(line, " ", *pairs != '\0');
    put_clean(line, pairs, false);
}

void log_write(const struct log *log, enum log_level level, const char *message, const char *format, ...) {
    if (level < log->least) {
        return;
    }
    struct line line = {.used = 0};
    put_start(&line, log, level, message);
    va_list arguments;
    va_start(arguments, format);
    put_pairs(&line, format, arguments);
    va_end(arguments);
    finish(&line, log);
}

void log_error(const struct log *log, enum log_level level, const char *message, const struct error *error) {
    if (level < log->least) {
        return;
    }
    struct line line = {.used = 0};
    put_start(&line, log, level, message);
    put_string(&line, " code=");
    put_string(&line, error_wire(error->code));
    put_string(&line, " error=");
    put_value(&line, error->text);
    finish(&line, log);
}

int log_level_parse(const char *word) {
    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
        if (strcmp(level_words[level], word) == 0) {
            return level;
        }
    }
    return -1;
}
