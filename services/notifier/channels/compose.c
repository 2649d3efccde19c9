/* Texts of a notice per channel. */
#include "services/notifier/channels/compose.h"

#include "proto/sms.h"

/* Calls `line` for each line; CR LF, CR and LF end one. */
static void each_line(struct text text, void (*line)(struct text line, bool first, struct buffer *out),
                      struct buffer *out) {
    uint32_t begin = 0;
    for (uint32_t at = 0; text.length > 0 && at <= text.length; at++) {
        if (at < text.length && text.data[at] != '\n' && text.data[at] != '\r') {
            continue;
        }
        line((struct text){text.data + begin, at - begin}, begin == 0, out);
        bool pair = at + 1 < text.length && text.data[at] == '\r' && text.data[at + 1] == '\n';
        at += pair;
        begin = at + 1;
    }
}

/* ---- SMS ---- */

static void put_sms_line(struct text line, bool first, struct buffer *out) {
    buffer_append_string(out, first ? "" : "\n");
    buffer_append(out, line.data, line.length);
}

void compose_sms_whole(struct text signature, struct text title, struct text text, struct buffer *out) {
    if (signature.length > 0) {
        buffer_append_string(out, "【");
        buffer_append(out, signature.data, signature.length);
        buffer_append_string(out, "】");
    }
    buffer_append(out, title.data, title.length);
    buffer_append_string(out, title.length > 0 && text.length > 0 ? SMS_TITLE_END : "");
    each_line(text, put_sms_line, out);
}

void compose_sms(struct text signature, struct text title, struct text text, struct buffer *out) {
    struct buffer whole = {0};
    compose_sms_whole(signature, title, text, &whole);
    out->failed = out->failed || whole.failed;
    sms_lay_out((struct text){(const char *)whole.data, (uint32_t)whole.length}, out);
    buffer_free(&whole);
}

void compose_robot(struct text signature, struct text title, struct text text, struct buffer *out) {
    compose_sms_whole(signature, title, (struct text){0}, out);
    buffer_append_string(out, out->length > 0 && text.length > 0 ? "\n" : "");
    compose_sms_whole((struct text){0}, (struct text){0}, text, out);
}

/* ---- e-mail ---- */

void compose_subject(struct text signature, struct text title, struct buffer *out) {
    if (title.length > 0) {
        buffer_append(out, title.data, title.length);
        return;
    }
    buffer_append(out, signature.data, signature.length);
    buffer_append_string(out, "通知");
}

static void put_plain_line(struct text line, bool first, struct buffer *out) {
    buffer_append_string(out, first ? "" : "\r\n");
    buffer_append(out, line.data, line.length);
}

static void put_plain_paragraph(struct text text, struct buffer *out) {
    if (text.length > 0) {
        buffer_append_string(out, out->length > 0 ? "\r\n" : "");
        each_line(text, put_plain_line, out);
        buffer_append_string(out, "\r\n");
    }
}

void compose_plain(struct text signature, struct text title, struct text text, struct buffer *out) {
    put_plain_paragraph(title, out);
    put_plain_paragraph(text, out);
    put_plain_paragraph(signature, out);
}

static void put_escaped(struct text text, struct buffer *out) {
    for (uint32_t i = 0; i < text.length; i++) {
        switch (text.data[i]) {
        case '&':
            buffer_append_string(out, "&amp;");
            break;
        case '<':
            buffer_append_string(out, "&lt;");
            break;
        case '>':
            buffer_append_string(out, "&gt;");
            break;
        case '"':
            buffer_append_string(out, "&quot;");
            break;
        case '\'':
            buffer_append_string(out, "&#39;");
            break;
        default:
            buffer_append(out, &text.data[i], 1);
        }
    }
}

static void put_html_line(struct text line, bool first, struct buffer *out) {
    buffer_append_string(out, first ? "" : "<br>\r\n");
    put_escaped(line, out);
}

static void put_element(const char *begin, struct text text, const char *end, struct buffer *out) {
    if (text.length > 0) {
        buffer_append_string(out, begin);
        each_line(text, put_html_line, out);
        buffer_append_string(out, end);
    }
}

void compose_html(struct text signature, struct text title, struct text text, struct buffer *out) {
    buffer_append_string(
        out, "<!DOCTYPE html>\r\n<html lang=\"zh-CN\">\r\n<head><meta charset=\"utf-8\"></head>\r\n<body>\r\n");
    put_element("<h3>", title, "</h3>\r\n", out);
    put_element("<p>", text, "</p>\r\n", out);
    put_element("<p>", signature, "</p>\r\n", out);
    buffer_append_string(out, "</body>\r\n</html>\r\n");
}
