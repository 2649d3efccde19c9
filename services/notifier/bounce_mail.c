/* Lines of a mail, and the fields of its delivery status. */
#include "services/notifier/bounce_mail.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FIELD_SIZE 300

struct lines {
    struct text left;
};

/* The next line without its end; false behind the last one. */
static bool next_line(struct lines *lines, struct text *line) {
    if (lines->left.length == 0) {
        return false;
    }
    const char *end = memchr(lines->left.data, '\n', lines->left.length);
    uint32_t length = end ? (uint32_t)(end - lines->left.data) : lines->left.length;
    *line = (struct text){lines->left.data, length};
    uint32_t taken = length + (end ? 1 : 0);
    lines->left = (struct text){lines->left.data + taken, lines->left.length - taken};
    line->length -= length > 0 && line->data[length - 1] == '\r';
    return true;
}

/* Whether the line is this field ("Status:"); `value` gets what follows. */
static bool is_field(struct text line, const char *name, struct text *value) {
    uint32_t length = (uint32_t)strlen(name);
    if (line.length < length || strncasecmp(line.data, name, length) != 0) {
        return false;
    }
    while (length < line.length && (line.data[length] == ' ' || line.data[length] == '\t')) {
        length++;
    }
    *value = (struct text){line.data + length, line.length - length};
    return true;
}

static bool holds(struct text text, const char *word) {
    size_t length = strlen(word);
    for (uint32_t at = 0; at + length <= text.length; at++) {
        if (strncasecmp(text.data + at, word, length) == 0) {
            return true;
        }
    }
    return false;
}

static void append(char field[FIELD_SIZE], struct text value) {
    size_t used = strlen(field);
    snprintf(field + used, FIELD_SIZE - used, "%.*s", (int)value.length, value.length > 0 ? value.data : "");
}

static bool is_folded(struct text line) {
    return line.length > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

/* Up to the empty line that ends a header. */
static struct text read_head(struct lines *lines) {
    struct text head = {lines->left.data, 0};
    struct text line;
    while (next_line(lines, &line) && line.length > 0) {
        head.length = (uint32_t)(line.data + line.length - head.data);
    }
    return head;
}

/* The groups of fields of a part message/delivery-status, up to the boundary behind it. */
static void read_status(struct lines *lines, struct bounce_mail *out) {
    char action[FIELD_SIZE] = "";
    char status[FIELD_SIZE] = "";
    char diagnosis[FIELD_SIZE] = "";
    char *folding = NULL;
    struct text line;
    struct text value;
    while (next_line(lines, &line) && !(line.length >= 2 && line.data[0] == '-' && line.data[1] == '-')) {
        if (is_folded(line) && folding) {
            append(folding, line);
            continue;
        }
        folding = is_field(line, "Action:", &value)            ? action
                  : is_field(line, "Status:", &value)          ? status
                  : is_field(line, "Diagnostic-Code:", &value) ? diagnosis
                                                               : NULL;
        if (folding) {
            folding[0] = '\0';
            append(folding, value);
        }
    }
    out->kind = strncasecmp(action, "failed", strlen("failed")) == 0 ? BOUNCE_FAILED : BOUNCE_OTHER;
    snprintf(out->words, sizeof out->words, "%s%s%s", status, diagnosis[0] != '\0' ? " " : "", diagnosis);
}

void bounce_mail_read(struct text mail, struct bounce_mail *out) {
    struct lines lines = {mail};
    struct text line;
    struct text value;
    *out = (struct bounce_mail){.kind = BOUNCE_OTHER};
    out->head = read_head(&lines);
    if (!holds(out->head, "multipart/")) {
        return;
    }
    while (next_line(&lines, &line)) {
        if (is_field(line, "Content-Type:", &value) && holds(value, "message/delivery-status")) {
            /* The rest of the part's own header. */
            while (next_line(&lines, &line) && line.length > 0) {
            }
            read_status(&lines, out);
            return;
        }
    }
}
