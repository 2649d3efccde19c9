/* E-mail: settings, checks, the mail of a message. */
#include "services/notifier/channels/email.h"

#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/validate_text.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/mime.h"
#include "services/notifier/channels/provider.h"
#include "services/notifier/channels/smtp_server.h"
#include "services/notifier/channels/words.h"

struct email {
    struct smtp_server *server;
    struct smtp_settings settings;
    const char *from; /* these are the config's */
    const char *signature;
    char password[PROVIDER_PASSWORD_SIZE];
};

/* A message under way. */
struct mail {
    struct smtp_mail smtp; /* first: the server hands it back */
    channel_done done;
    void *data;
    char *address;
    char *return_path;
    struct buffer content;
};

static bool is_ascii(const char *string) {
    while (*string != '\0' && ((unsigned char)*string & 0x80) == 0) {
        string++;
    }
    return *string == '\0';
}

/* ---- settings ---- */

static int read_tls(const struct config *config, enum smtp_tls *tls, struct error *error) {
    static const char *const words[] = {"never", "try", "require"};
    const char *value = config_text(config, SETTING_SMTP_TLS);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i]) == 0) {
            *tls = (enum smtp_tls)i;
            return 0;
        }
    }
    return provider_refuse(SETTING_SMTP_TLS, value, "never, try or require", error);
}

static int check_from(const char *from, struct error *error) {
    bool fits = text_is_email(text_of(from)) && is_ascii(from);
    return fits ? 0 : provider_refuse(SETTING_SMTP_FROM, from, "the e-mail address that smtp-url needs", error);
}

static int check_ca_file(const char *path, struct error *error) {
    bool fits = path[0] == '\0' || access(path, R_OK) == 0;
    return fits ? 0 : provider_refuse(SETTING_SMTP_CA_FILE, path, "a file that can be read", error);
}

static int read_settings(struct email *email, const struct config *config, struct error *error) {
    struct smtp_settings *settings = &email->settings;
    email->from = config_text(config, SETTING_SMTP_FROM);
    email->signature = config_text(config, SETTING_SMS_SIGNATURE);
    settings->url = config_text(config, SETTING_SMTP_URL);
    settings->user = config_text(config, SETTING_SMTP_USER);
    settings->password = email->password;
    settings->ca_file = config_text(config, SETTING_SMTP_CA_FILE);
    settings->timeout_ms = config_int(config, SETTING_SEND_MS);
    int result = provider_check_url(config, SETTING_SMTP_URL, "smtp", "smtps", error);
    result = result != 0 ? result : provider_check_signature(config, error);
    result = result != 0 ? result : check_from(email->from, error);
    result = result != 0 ? result : read_tls(config, &settings->tls, error);
    result = result != 0 ? result : check_ca_file(settings->ca_file, error);
    if (result == 0 && settings->user[0] != '\0') {
        result = provider_read_password(config, SETTING_SMTP_PASSWORD, email->password, error);
    }
    return result;
}

int email_open(struct email **email, uv_loop_t *loop, struct curl_loop *curl_loop, const struct config *config,
               struct error *error) {
    *email = NULL;
    if (config_text(config, SETTING_SMTP_URL)[0] == '\0') {
        return 0;
    }
    struct email *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = read_settings(opened, config, error);
    if (result == 0 && smtp_server_open(&opened->server, loop, curl_loop, &opened->settings) != 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result != 0) {
        email_close(&opened);
        return result;
    }
    *email = opened;
    return 0;
}

void email_close(struct email **email) {
    if (*email) {
        smtp_server_close(&(*email)->server);
        sodium_memzero((*email)->password, sizeof(*email)->password);
    }
    free(*email);
    *email = NULL;
}

/* ---- a mail ---- */

static void free_mail(struct mail *mail) {
    free(mail->address);
    free(mail->return_path);
    buffer_free(&mail->content);
    free(mail);
}

static void on_ended(struct smtp_mail *smtp, const struct smtp_end *end) {
    struct mail *mail = (struct mail *)smtp;
    struct channel_result result = {.outcome = end->outcome};
    words_clean(end->words, mail->address, result.words);
    mail->done(mail->data, &result);
    free_mail(mail);
}

static struct text whole(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static void write_content(const struct email *email, const struct channel_message *message, struct buffer *out) {
    struct text signature = text_of(email->signature);
    struct text title = text_of(message->title);
    struct text text = text_of(message->text);
    struct buffer subject = {0};
    struct buffer plain = {0};
    struct buffer html = {0};
    compose_subject(signature, title, &subject);
    compose_plain(signature, title, text, &plain);
    compose_html(signature, title, text, &html);
    mime_write(&(struct mime_mail){.from = text_of(email->from),
                                   .from_name = signature,
                                   .to = text_of(message->address),
                                   .to_name = text_of(message->name),
                                   .subject = whole(&subject),
                                   .plain = whole(&plain),
                                   .html = whole(&html),
                                   .message_id = text_of(message->message_id),
                                   .at = message->issued_at,
                                   .urgent = message->urgent},
               out);
    out->failed |= subject.failed || plain.failed || html.failed;
    buffer_free(&subject);
    buffer_free(&plain);
    buffer_free(&html);
}

static int start(struct email *email, const struct channel_message *message, channel_done done, void *data) {
    struct mail *mail = calloc(1, sizeof *mail);
    if (!mail) {
        return -ERR_NO_MEMORY;
    }
    bool marked = message->return_path && message->return_path[0] != '\0';
    *mail = (struct mail){.done = done,
                          .data = data,
                          .address = strdup(message->address),
                          .return_path = strdup(marked ? message->return_path : email->from)};
    write_content(email, message, &mail->content);
    mail->smtp = (struct smtp_mail){.from = mail->return_path,
                                    .to = mail->address,
                                    .utf8 = !is_ascii(message->address),
                                    .content = whole(&mail->content),
                                    .ended = on_ended};
    bool built = mail->address && mail->return_path && !mail->content.failed;
    int result = built ? smtp_server_send(email->server, &mail->smtp) : -ERR_NO_MEMORY;
    if (result != 0) {
        free_mail(mail);
    }
    return result;
}

/* Intake lets none of this through; but what is written into SMTP commands and headers is checked where it is. */
int email_send(struct email *email, const struct channel_message *message, channel_done done, void *data,
               struct channel_result *refusal) {
    if (!text_is_email(text_of(message->address))) {
        return provider_impossible(refusal, "the recipient's address is none");
    }
    if (!provider_is_line(message->name)) {
        return provider_impossible(refusal, "the recipient's name holds characters that cannot be sent");
    }
    if (!provider_is_line(message->title) || !provider_is_prose(message->text)) {
        return provider_impossible(refusal, "title or text hold characters that cannot be sent");
    }
    if (message->return_path && message->return_path[0] != '\0' && !text_is_email(text_of(message->return_path))) {
        return provider_impossible(refusal, "the message's return path is no address");
    }
    if (!text_is_number(text_of(message->message_id))) {
        return provider_impossible(refusal, "the message has no usable id");
    }
    return start(email, message, done, data);
}
