/* Refs and signatures. */
#include "services/notifier/hook.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#define PURPOSE "chaoxun delivery report"
#define MAC_BYTES 16
#define ATTEMPT_DIGITS_MAX 7

int hook_open(struct hook *hook, const char *keys_directory, const char *url, struct error *error) {
    struct key_pair pair;
    crypto_generichash_state state;
    *hook = (struct hook){.url = url};
    int result = keys_load_pair(keys_directory, "notifier", &pair, error);
    if (result < 0) {
        return result;
    }
    crypto_generichash_init(&state, NULL, 0, HOOK_KEY_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)PURPOSE, strlen(PURPOSE));
    crypto_generichash_update(&state, (const uint8_t *)pair.secret_key, strlen(pair.secret_key));
    crypto_generichash_final(&state, hook->key, sizeof hook->key);
    sodium_memzero(&state, sizeof state);
    keys_wipe(&pair);
    return 0;
}

void hook_close(struct hook *hook) {
    sodium_memzero(hook->key, sizeof hook->key);
}

void hook_name(const struct id *ref, char out[HOOK_REF_SIZE]) {
    sodium_bin2hex(out, HOOK_REF_SIZE, ref->bytes, ID_BYTES);
}

void hook_ref(const struct id *ref, int32_t attempt, char out[HOOK_REF_SIZE]) {
    hook_name(ref, out);
    size_t length = strlen(out);
    snprintf(out + length, HOOK_REF_SIZE - length, ".%" PRId32, attempt);
}

void hook_mac(const struct hook *hook, struct text ref, char out[HOOK_MAC_SIZE]) {
    uint8_t hash[crypto_generichash_BYTES];
    static_assert(sizeof hash == HASH_BYTES, "BLAKE2b-256");
    crypto_generichash(hash, sizeof hash, (const uint8_t *)ref.data, ref.length, hook->key, sizeof hook->key);
    sodium_bin2hex(out, HOOK_MAC_SIZE, hash, MAC_BYTES);
}

void hook_tag(const struct hook *hook, const struct id *ref, int32_t attempt, char out[HOOK_TAG_SIZE]) {
    char named[HOOK_REF_SIZE];
    char mac[HOOK_MAC_SIZE];
    hook_ref(ref, attempt, named);
    hook_mac(hook, text_of(named), mac);
    snprintf(out, HOOK_TAG_SIZE, "%s.%s", named, mac);
}

void hook_url(const struct hook *hook, const struct id *ref, int32_t attempt, char out[HOOK_URL_SIZE]) {
    char named[HOOK_REF_SIZE];
    char mac[HOOK_MAC_SIZE];
    if (hook->url[0] == '\0') {
        out[0] = '\0';
        return;
    }
    struct text url = text_of(hook->url);
    url.length -= url.data[url.length - 1] == '/';
    hook_ref(ref, attempt, named);
    hook_mac(hook, text_of(named), mac);
    snprintf(out, HOOK_URL_SIZE, "%.*s/hooks/kannel?ref=%s&mac=%s&d=%%d&a=%%A&ts=%%t", (int)url.length, url.data, named,
             mac);
}

/* ---- links ---- */

#define LINK_PURPOSE "confirm"
#define LINK_SIGNED_BYTES (ID_BYTES + 4)
#define LINK_MAC_BYTES 12
#define LINK_BYTES (LINK_SIGNED_BYTES + LINK_MAC_BYTES)

static void link_mac(const struct hook *hook, const uint8_t link[LINK_SIGNED_BYTES], uint8_t mac[LINK_MAC_BYTES]) {
    uint8_t material[sizeof LINK_PURPOSE - 1 + LINK_SIGNED_BYTES];
    uint8_t hash[crypto_generichash_BYTES];
    memcpy(material, LINK_PURPOSE, sizeof LINK_PURPOSE - 1);
    memcpy(material + sizeof LINK_PURPOSE - 1, link, LINK_SIGNED_BYTES);
    crypto_generichash(hash, sizeof hash, material, sizeof material, hook->key, sizeof hook->key);
    memcpy(mac, hash, LINK_MAC_BYTES);
}

/* "" when there is no address for it. */
static void write_link(const struct hook *hook, const char *token, char out[HOOK_LINK_SIZE]) {
    struct text url = text_of(hook->url);
    out[0] = '\0';
    if (url.length > 0) {
        url.length -= url.data[url.length - 1] == '/';
        snprintf(out, HOOK_LINK_SIZE, "%.*s/hooks/confirm/%s", (int)url.length, url.data, token);
    }
}

void hook_link(const struct hook *hook, const struct id *ref, int64_t until, char out[HOOK_LINK_SIZE]) {
    uint8_t link[LINK_BYTES];
    char token[HOOK_TOKEN_SIZE];
    static_assert(sodium_base64_ENCODED_LEN(LINK_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == HOOK_TOKEN_SIZE,
                  "room for a token");
    int64_t second = until / 1000;
    memcpy(link, ref->bytes, ID_BYTES);
    for (int i = 0; i < 4; i++) {
        link[ID_BYTES + i] = (uint8_t)(second >> (24 - 8 * i));
    }
    link_mac(hook, link, link + LINK_SIGNED_BYTES);
    sodium_bin2base64(token, sizeof token, link, sizeof link, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    write_link(hook, token, out);
}

void hook_link_sample(const struct hook *hook, char out[HOOK_LINK_SIZE]) {
    char token[HOOK_TOKEN_SIZE];
    memset(token, 'x', sizeof token - 1);
    token[sizeof token - 1] = '\0';
    write_link(hook, token, out);
}

int hook_check_link(const struct hook *hook, struct text token, struct id *ref, int64_t *until, struct error *error) {
    uint8_t link[LINK_BYTES];
    uint8_t mac[LINK_MAC_BYTES];
    size_t length = 0;
    bool read = sodium_base642bin(link, sizeof link, token.data, token.length, NULL, &length, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    if (!read || length != LINK_BYTES) {
        return error_set(error, ERR_FORGED, (struct error_words){.field = "link"});
    }
    link_mac(hook, link, mac);
    if (sodium_memcmp(mac, link + LINK_SIGNED_BYTES, sizeof mac) != 0) {
        return error_set(error, ERR_FORGED, (struct error_words){.field = "link"});
    }
    memcpy(ref->bytes, link, ID_BYTES);
    *until = 0;
    for (int i = 0; i < 4; i++) {
        *until = *until << 8 | link[ID_BYTES + i];
    }
    *until *= 1000;
    return 0;
}

/* ---- what comes back ---- */

/* What was signed was made by hook_ref; what is not so was signed by mistake. */
static bool read_ref(struct text ref, struct id *id, int32_t *attempt) {
    uint32_t digits = 2 * ID_BYTES;
    size_t length = 0;
    *attempt = 0;
    if (ref.length < digits + 2 || ref.length > digits + 1 + ATTEMPT_DIGITS_MAX || ref.data[digits] != '.' ||
        sodium_hex2bin(id->bytes, ID_BYTES, ref.data, digits, NULL, &length, NULL) != 0 || length != ID_BYTES) {
        return false;
    }
    for (uint32_t i = digits + 1; i < ref.length; i++) {
        if (ref.data[i] < '0' || ref.data[i] > '9') {
            return false;
        }
        *attempt = *attempt * 10 + (ref.data[i] - '0');
    }
    return *attempt > 0;
}

int hook_check(const struct hook *hook, struct text ref, struct text mac, struct id *id, int32_t *attempt,
               struct error *error) {
    char expected[HOOK_MAC_SIZE];
    hook_mac(hook, ref, expected);
    bool fits = mac.length == HOOK_MAC_SIZE - 1 && sodium_memcmp(mac.data, expected, HOOK_MAC_SIZE - 1) == 0;
    return fits && read_ref(ref, id, attempt) ? 0 : error_set(error, ERR_FORGED, (struct error_words){.field = "ref"});
}

int hook_check_tag(const struct hook *hook, struct text tag, struct id *id, int32_t *attempt, struct error *error) {
    uint32_t mac = HOOK_MAC_SIZE - 1;
    if (tag.length <= mac || tag.data[tag.length - mac - 1] != '.') {
        return error_set(error, ERR_FORGED, (struct error_words){.field = "tag"});
    }
    struct text ref = {tag.data, tag.length - mac - 1};
    return hook_check(hook, ref, (struct text){tag.data + tag.length - mac, mac}, id, attempt, error);
}

void hook_token(const struct hook *hook, struct text provider, char out[HOOK_MAC_SIZE]) {
    char purpose[80];
    snprintf(purpose, sizeof purpose, "delivery reports of %.*s", (int)provider.length, provider.data);
    hook_mac(hook, text_of(purpose), out);
}
