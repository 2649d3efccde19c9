/* What all channels check. */
#include "services/notifier/channels/provider.h"

#include <curl/curl.h>
#include <stdio.h>

#include "common/key_file.h"
#include "common/setting.h"

#define SIGNATURE_CHARACTERS_MAX 20

int provider_refuse(enum setting setting, const char *value, const char *limit, struct error *error) {
    return error_set(error, ERR_BAD_SETTING, (struct error_words){setting_row(setting)->name, limit, value});
}

/* Whether the address has this part; `wanted` NULL: any value. */
static bool part_is(CURLU *url, CURLUPart part, const char *wanted) {
    char *value = NULL;
    bool is = curl_url_get(url, part, &value, 0) == CURLUE_OK && (!wanted || strcmp(value, wanted) == 0);
    curl_free(value);
    return is;
}

bool provider_is_url(const char *value, const char *scheme, const char *other_scheme) {
    CURLU *url = curl_url();
    bool fits = url && provider_is_line(value) && !strchr(value, ' ') &&
                curl_url_set(url, CURLUPART_URL, value, 0) == CURLUE_OK;
    fits = fits && (part_is(url, CURLUPART_SCHEME, scheme) || part_is(url, CURLUPART_SCHEME, other_scheme));
    /* A password belongs into its file. */
    fits = fits && part_is(url, CURLUPART_HOST, NULL) && !part_is(url, CURLUPART_USER, NULL) &&
           !part_is(url, CURLUPART_FRAGMENT, NULL);
    curl_url_cleanup(url);
    return fits;
}

int provider_check_url(const struct config *config, enum setting setting, const char *scheme, const char *other_scheme,
                       struct error *error) {
    const char *value = config_text(config, setting);
    char limit[100];
    bool fits = provider_is_url(value, scheme, other_scheme);
    snprintf(limit, sizeof limit, "an address %s://HOST... or %s://HOST... without user and password", scheme,
             other_scheme);
    /* What may be a password is not told on. */
    return fits ? 0 : provider_refuse(setting, strpbrk(value, "@?") ? "(hidden)" : value, limit, error);
}

int provider_check_signature(const struct config *config, struct error *error) {
    const char *signature = config_text(config, SETTING_SMS_SIGNATURE);
    struct text_facts facts = text_examine(text_of(signature));
    bool fits = facts.valid && !facts.controls && !facts.line_controls &&
                facts.characters <= SIGNATURE_CHARACTERS_MAX && !strstr(signature, "【") && !strstr(signature, "】");
    return fits ? 0
                : provider_refuse(SETTING_SMS_SIGNATURE, signature,
                                  "at most 20 characters without brackets: they are added", error);
}

int provider_read_password(const struct config *config, enum setting setting, char password[PROVIDER_PASSWORD_SIZE],
                           struct error *error) {
    char limit[160];
    const char *path = config_text(config, setting);
    const char *fault = path[0] == '\0' ? "it is not set" : key_file_line(path, true, password, PROVIDER_PASSWORD_SIZE);
    if (!fault) {
        return 0;
    }
    snprintf(limit, sizeof limit, "a file with a password in one line, mode 600: %s", fault);
    return provider_refuse(setting, path, limit, error);
}

bool provider_is_line(const char *string) {
    struct text_facts facts = text_examine(text_of(string));
    return facts.valid && !facts.controls && !facts.line_controls;
}

bool provider_is_prose(const char *string) {
    struct text_facts facts = text_examine(text_of(string));
    return facts.valid && !facts.controls;
}

int provider_impossible(struct channel_result *refusal, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    refusal->outcome = OUTCOME_IMPOSSIBLE;
    vsnprintf(refusal->words, sizeof refusal->words, format, arguments);
    va_end(arguments);
    return 1;
}
