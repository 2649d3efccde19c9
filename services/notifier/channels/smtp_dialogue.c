/* The SMTP dialogue of one mail: commands out, replies in, and what they mean. */
#include "services/notifier/channels/smtp_dialogue.h"

#include <assert.h>

#define CODE_DIGITS 3
#define CODE_OK_CLASS 2
#define CODE_GO_ON_CLASS 3
#define CODE_PASSING_CLASS 4
#define CODE_FINAL_CLASS 5

/* ---- out ---- */

/* A line that begins with a dot gets another one (RFC 5321, 4.5.2); content ends in a line's end. */
static void put_content(struct buffer *out, struct text content) {
    bool line_begins = true;
    for (uint32_t i = 0; i < content.length; i++) {
        buffer_append_string(out, line_begins && content.data[i] == '.' ? "." : "");
        buffer_append(out, &content.data[i], 1);
        line_begins = content.data[i] == '\n';
    }
    buffer_append_string(out, ".\r\n");
}

static void put_command(struct smtp_dialogue *dialogue) {
    const struct smtp_mail *mail = dialogue->mail;
    struct buffer *out = &dialogue->out;
    buffer_clear(out);
    dialogue->sent = 0;
    switch (dialogue->phase) {
    case SMTP_MAIL:
        buffer_append_string(out, "MAIL FROM:<");
        buffer_append_string(out, mail->from);
        buffer_append_string(out, mail->utf8 ? "> SMTPUTF8\r\n" : ">\r\n");
        break;
    case SMTP_RCPT:
        buffer_append_string(out, "RCPT TO:<");
        buffer_append_string(out, mail->to);
        buffer_append_string(out, ">\r\n");
        break;
    case SMTP_DATA:
        buffer_append_string(out, "DATA\r\n");
        break;
    case SMTP_CONTENT:
        put_content(out, mail->content);
        break;
    default:
        break;
    }
}

void smtp_begin(struct smtp_dialogue *dialogue, const struct smtp_mail *mail) {
    dialogue->mail = mail;
    dialogue->phase = SMTP_MAIL;
    dialogue->code = 0;
    buffer_clear(&dialogue->reply);
    put_command(dialogue);
}

struct text smtp_pending(const struct smtp_dialogue *dialogue) {
    return (struct text){(const char *)dialogue->out.data + dialogue->sent,
                         (uint32_t)(dialogue->out.length - dialogue->sent)};
}

void smtp_sent(struct smtp_dialogue *dialogue, size_t length) {
    dialogue->sent += length;
    assert(dialogue->sent <= dialogue->out.length);
    if (dialogue->phase == SMTP_CONTENT && dialogue->sent == dialogue->out.length) {
        dialogue->phase = SMTP_END;
    }
}

/* ---- in ---- */

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

/* The code of a line without its end; -1 when it is no line of a reply. `*last`: no other follows. */
static int line_code(const uint8_t *line, size_t length, bool *last) {
    if (length < CODE_DIGITS || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2])) {
        return -1;
    }
    *last = length == CODE_DIGITS || line[CODE_DIGITS] != '-';
    bool separated = length == CODE_DIGITS || line[CODE_DIGITS] == ' ' || line[CODE_DIGITS] == '-';
    return separated ? (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0') : -1;
}

/* The code of the reply, 0 while it is not whole, -1 when it is none. Bytes behind a reply: the server speaks out of
 * turn, and what it said to which command cannot be told. */
static int reply_code(const struct buffer *reply) {
    size_t at = 0;
    const uint8_t *end;
    while (at < reply->length && (end = memchr(reply->data + at, '\n', reply->length - at))) {
        size_t length = (size_t)(end - reply->data) - at;
        length -= length > 0 && end[-1] == '\r';
        bool last = true;
        int code = line_code(reply->data + at, length, &last);
        at = (size_t)(end - reply->data) + 1;
        if (code < 0 || last) {
            return code > 0 && at == reply->length ? code : -1;
        }
    }
    return reply->length > SMTP_REPLY_BYTES_MAX ? -1 : 0;
}

/* Whether the reply says to go on from this phase. */
static bool is_wanted(enum smtp_phase phase, int code) {
    int class = code / 100;
    return class == (phase == SMTP_DATA ? CODE_GO_ON_CLASS : CODE_OK_CLASS) && phase != SMTP_CONTENT;
}

enum smtp_step smtp_received(struct smtp_dialogue *dialogue, struct text bytes) {
    struct buffer *reply = &dialogue->reply;
    if (dialogue->code != 0) {
        buffer_clear(reply);
        dialogue->code = 0;
    }
    buffer_append(reply, bytes.data, bytes.length);
    int code = reply->failed ? -1 : reply_code(reply);
    if (code == 0) {
        return SMTP_GOES_ON;
    }
    dialogue->code = code > 0 ? code : 0;
    if (!is_wanted(dialogue->phase, dialogue->code)) {
        return SMTP_REFUSED;
    }
    if (dialogue->phase == SMTP_END) {
        return SMTP_TAKEN;
    }
    dialogue->phase++;
    put_command(dialogue);
    return dialogue->out.failed ? SMTP_REFUSED : SMTP_GOES_ON;
}

struct text smtp_words(const struct smtp_dialogue *dialogue) {
    const struct buffer *reply = &dialogue->reply;
    const uint8_t *end = reply->length > 0 ? memchr(reply->data, '\n', reply->length) : NULL;
    size_t length = end ? (size_t)(end - reply->data) : reply->length;
    return (struct text){(const char *)reply->data, (uint32_t)length};
}

void smtp_dialogue_free(struct smtp_dialogue *dialogue) {
    buffer_free(&dialogue->out);
    buffer_free(&dialogue->reply);
}

/* ---- what it means ---- */

#define CODE_AUTH_FIRST 530 /* 530, 534, 535, 538: sign in first, or otherwise (RFC 4954, 6) */
#define CODE_AUTH_LAST 538

/* A final refusal by phase. A refusal of the whole mail is one of what it says (policy, content), not of whom it is
 * for: the same words would be refused again. */
static enum outcome refused_outcome(enum smtp_phase phase, int code) {
    if (code >= CODE_AUTH_FIRST && code <= CODE_AUTH_LAST) {
        return OUTCOME_MISCONFIGURED;
    }
    switch (phase) {
    case SMTP_RCPT:
        return OUTCOME_REFUSED;
    case SMTP_DATA:
    case SMTP_CONTENT:
    case SMTP_END:
        return OUTCOME_IMPOSSIBLE;
    default:
        return OUTCOME_MISCONFIGURED;
    }
}

enum outcome smtp_outcome(enum smtp_phase phase, int code) {
    switch (code / 100) {
    case CODE_PASSING_CLASS:
        return OUTCOME_RETRY;
    case CODE_FINAL_CLASS:
        return refused_outcome(phase, code);
    case CODE_OK_CLASS:
        if (phase == SMTP_END) {
            return OUTCOME_DELIVERED;
        }
        break;
    default:
        break;
    }
    /* No answer, or one that is none. A mail without its last dot is thrown away by the server. */
    return phase == SMTP_END ? OUTCOME_UNKNOWN : OUTCOME_RETRY;
}
