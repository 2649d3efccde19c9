/* E-mail: headers with encoded words, bodies in base64. */
#include "services/notifier/channels/mime.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

#define LINE_MAX_CHARACTERS 76 /* RFC 2045, 6.8; RFC 2047, 2 */
#define WORD_MAX_CHARACTERS 75 /* RFC 2047, 2 */
#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_END "?="
#define LINE_BYTES (LINE_MAX_CHARACTERS / 4 * 3)
#define CHINA_SECONDS (8 * 3600)
/* Not in the alphabet of base64: no body can hold it. */
#define BOUNDARY "=_chaoxun"

static void put_text(struct buffer *out, struct text text) {
    buffer_append(out, text.data, text.length);
}

/* At most LINE_BYTES bytes. */
static void put_base64(struct buffer *out, struct text bytes) {
    char line[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(line, sizeof line, (const unsigned char *)bytes.data, bytes.length,
                      sodium_base64_VARIANT_ORIGINAL);
    buffer_append_string(out, line);
}

/* ---- encoded words ---- */

/* The longest beginning of `text` in whole characters that takes at most `bytes`. */
static struct text whole_characters(struct text text, uint32_t bytes) {
    uint32_t length = text.length < bytes ? text.length : bytes;
    while (length < text.length && length > 0 && ((unsigned char)text.data[length] & 0xC0) == 0x80) {
        length--;
    }
    return (struct text){text.data, length};
}

/* `text` as encoded words; `column`: what stands on the line already. Returns the column behind the last one. */
static size_t put_words(struct buffer *out, struct text text, size_t column) {
    const size_t frame = strlen(WORD_BEGIN WORD_END);
    while (text.length > 0) {
        size_t room = LINE_MAX_CHARACTERS - column;
        room = (room < WORD_MAX_CHARACTERS ? room : WORD_MAX_CHARACTERS) - frame;
        struct text word = whole_characters(text, (uint32_t)(room / 4 * 3));
        buffer_append_string(out, WORD_BEGIN);
        put_base64(out, word);
        buffer_append_string(out, WORD_END);
        column += frame + (word.length + 2) / 3 * 4;
        text.data += word.length;
        text.length -= word.length;
        if (text.length > 0) {
            buffer_append_string(out, "\r\n ");
            column = 1;
        }
    }
    return column;
}

static bool is_plain_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and single inner spaces: needs no quoting anywhere (RFC 5322, 3.2.3). */
static bool is_phrase(struct text text) {
    bool space_before = true;
    for (uint32_t i = 0; i < text.length; i++) {
        bool space = text.data[i] == ' ';
        if (space ? space_before : !is_plain_letter(text.data[i])) {
            return false;
        }
        space_before = space;
    }
    return !space_before;
}

void mime_write_header(const char *name, struct text value, struct buffer *out) {
    size_t column = strlen(name) + 2;
    buffer_append_string(out, name);
    buffer_append_string(out, ": ");
    if (is_phrase(value) && column + value.length <= LINE_MAX_CHARACTERS) {
        put_text(out, value);
    } else {
        put_words(out, value, column);
    }
    buffer_append_string(out, "\r\n");
}

static void put_mailbox(struct buffer *out, const char *header, struct text name, struct text address) {
    size_t column = strlen(header);
    buffer_append_string(out, header);
    if (name.length == 0) {
        put_text(out, address);
        buffer_append_string(out, "\r\n");
        return;
    }
    column = put_words(out, name, column);
    buffer_append_string(out, column + address.length + strlen(" <>") > LINE_MAX_CHARACTERS ? "\r\n <" : " <");
    put_text(out, address);
    buffer_append_string(out, ">\r\n");
}

/* ---- the other headers ---- */

/* RFC 5322, 3.3. The names are not those of a locale. */
static void put_date(struct buffer *out, int64_t at) {
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(at / 1000 + CHINA_SECONDS);
    struct tm fields;
    char line[80];
    gmtime_r(&seconds, &fields);
    snprintf(line, sizeof line, "Date: %s, %d %s %d %02d:%02d:%02d +0800\r\n", days[fields.tm_wday], fields.tm_mday,
             months[fields.tm_mon], fields.tm_year + 1900, fields.tm_hour, fields.tm_min, fields.tm_sec);
    buffer_append_string(out, line);
}

static void put_message_id(struct buffer *out, struct text local, struct text from) {
    const char *at = memchr(from.data, '@', from.length);
    buffer_append_string(out, "Message-ID: <");
    put_text(out, local);
    buffer_append(out, at, from.length - (size_t)(at - from.data));
    buffer_append_string(out, ">\r\n");
}

/* ---- bodies ---- */

static void put_body(struct buffer *out, const char *type, struct text body) {
    buffer_append_string(out, "--" BOUNDARY "\r\nContent-Type: ");
    buffer_append_string(out, type);
    buffer_append_string(out, "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    for (uint32_t at = 0; at < body.length; at += LINE_BYTES) {
        uint32_t left = body.length - at;
        put_base64(out, (struct text){body.data + at, left < LINE_BYTES ? left : LINE_BYTES});
        buffer_append_string(out, "\r\n");
    }
}

void mime_write(const struct mime_mail *mail, struct buffer *out) {
    put_date(out, mail->at);
    put_mailbox(out, "From: ", mail->from_name, mail->from);
    put_mailbox(out, "To: ", mail->to_name, mail->to);
    mime_write_header("Subject", mail->subject, out);
    put_message_id(out, mail->message_id, mail->from);
    /* RFC 3834: no vacation notice answers it. */
    buffer_append_string(out, "Auto-Submitted: auto-generated\r\n");
    buffer_append_string(out, mail->urgent ? "Importance: high\r\n" : "");
    buffer_append_string(out,
                         "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n\r\n");
    put_body(out, "text/plain", mail->plain);
    put_body(out, "text/html", mail->html);
    buffer_append_string(out, "--" BOUNDARY "--\r\n");
}
