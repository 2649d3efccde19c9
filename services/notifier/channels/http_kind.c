/* What the providers by HTTP have in common. */
#include "services/notifier/channels/http_kind.h"

#include <stdlib.h>

#include "services/notifier/channels/http_json.h"

const struct account_row http_no_rows[] = {{.setting = SETTING_COUNT}};

void http_judge(const struct http_kind *kind, long status, struct text answer, struct verdict *verdict) {
    if (kind->codes) {
        classify(kind->codes, status, answer, verdict);
    } else {
        *verdict = (struct verdict){0};
        kind->read(status, answer, verdict);
    }
}

int http_check_texts(const struct channel_message *message, struct channel_result *refusal) {
    if (!provider_is_line(message->name) || !provider_is_line(message->title) || !provider_is_prose(message->text)) {
        return provider_impossible(refusal, "name, title or text hold characters that cannot be sent");
    }
    if (message->title[0] == '\0' && message->text[0] == '\0') {
        return provider_impossible(refusal, "there is no text");
    }
    return 0;
}

struct text http_host(const char *url) {
    const char *begin = strstr(url, "://");
    begin = begin ? begin + strlen("://") : url;
    return (struct text){begin, (uint32_t)strcspn(begin, "/?")};
}

const char *http_path(const char *url) {
    struct text host = http_host(url);
    return host.data + host.length;
}

int http_put_json(json_t *value, struct buffer *out) {
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (!text) {
        return -ERR_NO_MEMORY;
    }
    buffer_append_string(out, text);
    free(text);
    return out->failed ? -ERR_NO_MEMORY : 0;
}
