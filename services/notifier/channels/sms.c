/* Numbers and texts of SMS. */
#include "services/notifier/channels/sms.h"

#include <stdio.h>

#include "proto/sms.h"
#include "proto/validate_text.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/digest.h"
#include "services/notifier/channels/provider.h"

#define CHINA "+86"
#define CHINA_DIGITS 11

static int check_text(struct text text, const struct channel_message *message, struct channel_result *refusal) {
    uint32_t parts = text_is_utf8(text) ? sms_parts(sms_units(text)) : 0;
    if (!text_is_phone(text_of(message->address))) {
        return provider_impossible(refusal, "the recipient's number is none");
    }
    if (!provider_is_line(message->title) || !provider_is_prose(message->text)) {
        return provider_impossible(refusal, "title or text hold characters that cannot be sent");
    }
    if (parts == 0 || (message->title[0] == '\0' && message->text[0] == '\0')) {
        return provider_impossible(refusal, "there is no text");
    }
    if (parts > SMS_PARTS_MAX) {
        return provider_impossible(refusal, "the text takes %u SMS, at most %d are sent", parts, SMS_PARTS_MAX);
    }
    return 0;
}

int sms_check(const char *signature, const struct channel_message *message, struct channel_result *refusal) {
    struct buffer composed = {0};
    compose_sms(text_of(signature), text_of(message->title), text_of(message->text), &composed);
    int result = composed.failed ? -ERR_NO_MEMORY : check_text(digest_text(&composed), message, refusal);
    buffer_free(&composed);
    return result;
}

void sms_bare(const struct channel_message *message, struct buffer *out) {
    compose_sms_whole(text_of(""), text_of(message->title), text_of(message->text), out);
}

const char *sms_own_number(const char *number) {
    bool chinese = strncmp(number, CHINA, strlen(CHINA)) == 0 && strlen(number) == strlen(CHINA) + CHINA_DIGITS;
    return chinese ? number + strlen(CHINA) : number;
}

void sms_full_number(const char *number, char out[32]) {
    bool chinese = number[0] == '1' && strlen(number) == CHINA_DIGITS;
    snprintf(out, 32, "%s%s", chinese ? CHINA : number[0] == '+' ? "" : "+", number);
}
