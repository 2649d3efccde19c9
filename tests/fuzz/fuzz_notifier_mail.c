/* Fuzzes a message on its way out: name, address, title, text and signature as pieces. Texts that the channels let pass
 * become a mail whose lines and headers are ours alone, and an SMS address whose parts are: nobody writes a header, a
 * command or a parameter into them. */
#include <assert.h>
#include <ctype.h>

#include "proto/validate_text.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/kannel.h"
#include "services/notifier/channels/mime.h"
#include "services/notifier/channels/provider.h"
#include "tests/fuzz/pieces.h"

#define FROM "office@haining.test"
#define LINE_MAX_BYTES 76

struct message {
    char name[200];
    char address[300];
    char title[300];
    char text[2000];
    char signature[100];
};

static void take(struct pieces *in, char *out, size_t size) {
    struct text piece = piece_next(in);
    size_t length = piece.length < size ? piece.length : size - 1;
    if (length > 0) {
        memcpy(out, piece.data, length);
    }
    out[length] = '\0';
}

static bool is_header_of_ours(struct text line) {
    static const char *const names[] = {
        "From: ",         "To: ",           "Subject: ",    "Date: ",          "Message-ID: ",
        "MIME-Version: ", "Content-Type: ", "Importance: ", "Auto-Submitted: "};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (line.length >= strlen(names[i]) && memcmp(line.data, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return line.length > 0 && (line.data[0] == ' ' || line.data[0] == '\t'); /* folded */
}

/* Every line ends in CR LF, has no other CR or LF, and, the one of the recipient aside, is short ASCII. */
static void check_mail(const struct buffer *mail, const char *address) {
    const char *at = (const char *)mail->data;
    const char *end = at + mail->length;
    bool headers = true;
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        assert(stop && !memchr(at, '\n', (size_t)(stop - at)) && !memchr(at, '\r', (size_t)(stop - at)));
        struct text line = {at, (uint32_t)(stop - at)};
        bool holds_address = memmem(at, line.length, address, strlen(address)) != NULL;
        assert(line.length <= LINE_MAX_BYTES || holds_address);
        headers = headers && line.length > 0;
        assert(!headers || is_header_of_ours(line));
        at = stop + 2;
    }
}

static void write_mail(const struct message *message) {
    struct buffer subject = {0};
    struct buffer plain = {0};
    struct buffer html = {0};
    struct buffer mail = {0};
    struct text signature = text_of(message->signature);
    compose_subject(signature, text_of(message->title), &subject);
    compose_plain(signature, text_of(message->title), text_of(message->text), &plain);
    compose_html(signature, text_of(message->title), text_of(message->text), &html);
    const struct mime_mail parts = {.from = text_of(FROM),
                                    .from_name = signature,
                                    .to = text_of(message->address),
                                    .to_name = text_of(message->name),
                                    .subject = {(const char *)subject.data, (uint32_t)subject.length},
                                    .plain = {(const char *)plain.data, (uint32_t)plain.length},
                                    .html = {(const char *)html.data, (uint32_t)html.length},
                                    .message_id = text_of("0a1b"),
                                    .at = INT64_C(1795000000000)};
    mime_write(&parts, &mail);
    assert(!mail.failed);
    check_mail(&mail, message->address);
    buffer_free(&subject);
    buffer_free(&plain);
    buffer_free(&html);
    buffer_free(&mail);
}

/* username, password, to, coding, charset and text, whatever their values are. */
static void write_sms(const struct message *message) {
    struct buffer sms = {0};
    struct buffer url = {0};
    compose_sms(text_of(message->signature), text_of(message->title), text_of(message->text), &sms);
    const struct kannel_query query = {.user = "tester",
                                       .password = "secret",
                                       .sender = "",
                                       .to = "13800138002",
                                       .text = {(const char *)sms.data, (uint32_t)sms.length},
                                       .report_url = ""};
    int result = kannel_url("http://127.0.0.1:13013/cgi-bin/sendsms", &query, &url);
    assert(result == 0);
    uint32_t parameters = 1; /* one more than the signs between them */
    for (const char *c = (const char *)url.data; *c; c++) {
        assert(isgraph((unsigned char)*c));
        parameters += *c == '&';
    }
    assert(parameters == 6);
    buffer_free(&sms);
    buffer_free(&url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    struct message message;
    take(&in, message.name, sizeof message.name);
    take(&in, message.address, sizeof message.address);
    take(&in, message.title, sizeof message.title);
    take(&in, message.text, sizeof message.text);
    take(&in, message.signature, sizeof message.signature);
    if (!provider_is_line(message.name) || !provider_is_line(message.title) || !provider_is_prose(message.text) ||
        !provider_is_line(message.signature)) {
        return 0;
    }
#ifdef PLANTED_BUG
    /* A careless reader: believes that nobody's address holds an apostrophe. */
    assert(!text_is_email(text_of(message.address)) || !strchr(message.address, '\''));
#endif
    if (text_is_email(text_of(message.address))) {
        write_mail(&message);
    }
    write_sms(&message);
    return 0;
}
