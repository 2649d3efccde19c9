/* Tokens, cookies and the same-site rule. */
#include "services/portal/session.h"

#include <sodium.h>
#include <strings.h>

#define TOKEN_RANDOM_BYTES 32
#define TOKEN_PREFIX "cx_"
#define TOKEN_LENGTH (TOKEN_TEXT_SIZE - 1)

void token_make(char token[TOKEN_TEXT_SIZE]) {
    uint8_t random[TOKEN_RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    memcpy(token, TOKEN_PREFIX, sizeof TOKEN_PREFIX);
    size_t used = sizeof TOKEN_PREFIX - 1;
    sodium_bin2base64(token + used, TOKEN_TEXT_SIZE - used, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

bool token_hash(struct text token, uint8_t hash[TOKEN_HASH_BYTES]) {
    if (token.length != TOKEN_LENGTH || memcmp(token.data, TOKEN_PREFIX, sizeof TOKEN_PREFIX - 1) != 0) {
        return false;
    }
    crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)token.data, token.length, NULL, 0);
    return true;
}

static struct text trimmed(struct text text) {
    while (text.length > 0 && (*text.data == ' ' || *text.data == '\t')) {
        text = (struct text){text.data + 1, text.length - 1};
    }
    while (text.length > 0 && (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t')) {
        text.length--;
    }
    return text;
}

struct text cookie_value(struct text header, const char *name) {
    size_t name_length = strlen(name);
    while (header.length > 0) {
        const char *end = memchr(header.data, ';', header.length);
        uint32_t length = end ? (uint32_t)(end - header.data) : header.length;
        struct text pair = trimmed((struct text){header.data, length});
        if (pair.length > name_length && pair.data[name_length] == '=' && memcmp(pair.data, name, name_length) == 0) {
            return (struct text){pair.data + name_length + 1, pair.length - (uint32_t)name_length - 1};
        }
        uint32_t step = end ? length + 1 : length;
        header = (struct text){header.data + step, header.length - step};
    }
    return (struct text){0};
}

struct text bearer_value(struct text header) {
    static const char scheme[] = "Bearer ";
    uint32_t length = sizeof scheme - 1;
    if (header.length <= length || strncasecmp(header.data, scheme, length) != 0) {
        return (struct text){0};
    }
    return trimmed((struct text){header.data + length, header.length - length});
}

static bool equal_ignoring_case(struct text a, struct text b) {
    return a.length == b.length && strncasecmp(a.data, b.data, a.length) == 0;
}

bool site_is_other(const struct site_facts *facts) {
    if (facts->fetch_site.data) {
        return !text_equal(facts->fetch_site, text_of("same-origin")) &&
               !text_equal(facts->fetch_site, text_of("none"));
    }
    if (!facts->origin.data) {
        return false;
    }
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        uint32_t length = (uint32_t)strlen(schemes[i]);
        if (facts->origin.length > length && strncasecmp(facts->origin.data, schemes[i], length) == 0) {
            struct text host = {facts->origin.data + length, facts->origin.length - length};
            return !facts->host.data || !equal_ignoring_case(host, facts->host);
        }
    }
    return true;
}
