/* A settings file: feeds inih line by line and keeps the first fault with its line. */
#include "common/config_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>

struct reading {
    const char *path;
    const char *at;
    const char *end;
    int line;
    config_take take;
    void *data;
    int result;
    struct error *error;
};

static int refuse(struct reading *reading, const char *value, const char *limit) {
    char field[64];
    snprintf(field, sizeof field, "on line %d", reading->line);
    reading->result = error_set(reading->error, ERR_BAD_SETTING,
                                (struct error_words){.field = field, .value = value, .limit = limit});
    error_wrap(reading->error, "%s", reading->path);
    return reading->result;
}

/* Copies a line without its end; a tab is as good as a space. False when it may not be shown in an error. */
static bool copy_line(const char *line, size_t length, char *out) {
    length -= length > 0 && line[length - 1] == '\n';
    length -= length > 0 && line[length - 1] == '\r';
    for (size_t i = 0; i < length; i++) {
        out[i] = line[i] == '\t' ? ' ' : line[i];
    }
    memcpy(out + length, "\n", 2);
    struct text_facts facts = text_examine((struct text){out, (uint32_t)length});
    return facts.valid && !facts.controls && !facts.line_controls;
}

/* inih's reader, as fgets; inih would take the rest of a long line for another one, so a long line is a fault. */
static char *next_line(char *out, int size, void *stream) {
    struct reading *reading = stream;
    if (reading->result != 0 || reading->at == reading->end) {
        return NULL;
    }
    size_t left = (size_t)(reading->end - reading->at);
    const char *newline = memchr(reading->at, '\n', left);
    size_t length = newline ? (size_t)(newline - reading->at) + 1 : left;
    reading->line++;
    if (length + 1 >= (size_t)size) {
        refuse(reading, "a long line", "short enough for a settings file");
        return NULL;
    }
    if (!copy_line(reading->at, length, out)) {
        refuse(reading, "a control character", "text in UTF-8");
        return NULL;
    }
    reading->at += length;
    return out;
}

static int handle(void *user, const char *section, const char *name, const char *value) {
    struct reading *reading = user;
    if (reading->result != 0) {
        return 0;
    }
    char whole[256];
    snprintf(whole, sizeof whole, "%s%s%s", section, *section != '\0' ? "." : "", name);
    reading->result = reading->take(reading->data, whole, value, reading->error);
    if (reading->result != 0) {
        error_wrap(reading->error, "%s, line %d", reading->path, reading->line);
    }
    return reading->result == 0;
}

int config_file_parse(const char *path, struct text text, config_take take, void *data, struct error *error) {
    struct reading reading = {
        .path = path, .at = text.data, .end = text.data + text.length, .take = take, .data = data, .error = error};
    int line = ini_parse_stream(next_line, &reading, handle, &reading);
    if (line > 0 && (reading.result == 0 || line < reading.line)) { /* inih's own fault, and the first one */
        reading.line = line;
        refuse(&reading, "the text", "a [section], a comment or name = value");
    }
    return reading.result == 0 && line < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : reading.result;
}

static int refuse_file(const char *path, const char *why, struct error *error) {
    char value[ERROR_TEXT_MAX];
    snprintf(value, sizeof value, "%s (%s)", path, why);
    return error_set(error, ERR_BAD_SETTING,
                     (struct error_words){.field = "config", .value = value, .limit = "a readable settings file"});
}

int config_file_read(const char *path, config_take take, void *data, struct error *error) {
    FILE *file = fopen(path, "re");
    if (!file) {
        return refuse_file(path, strerror(errno), error);
    }
    int result;
    char *bytes = malloc(CONFIG_FILE_MAX + 1);
    size_t length = bytes ? fread(bytes, 1, CONFIG_FILE_MAX + 1, file) : 0;
    if (!bytes) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    } else if (ferror(file)) {
        result = refuse_file(path, strerror(errno), error);
    } else if (length > CONFIG_FILE_MAX) {
        result = refuse_file(path, "larger than 1 MiB", error);
    } else {
        result = config_file_parse(path, (struct text){bytes, (uint32_t)length}, take, data, error);
    }
    free(bytes);
    fclose(file);
    return result;
}
