/* Tokens: made, compared, taken out. */
#include "services/intake/token.h"

#include <assert.h>
#include <sodium.h>

#define PURPOSE "chaoxun attendance token"
#define CHARACTERS (TOKEN_TEXT_SIZE - 1)
#define BITS_EACH 5

static_assert(TOKEN_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES, "the key of HMAC-SHA256");

void token_derive_key(const uint8_t side_key[SIDE_KEY_BYTES], uint8_t key[TOKEN_KEY_BYTES]) {
    crypto_generichash(key, TOKEN_KEY_BYTES, (const uint8_t *)PURPOSE, strlen(PURPOSE), side_key, SIDE_KEY_BYTES);
}

static int64_t window_of(int64_t at) {
    return at / TOKEN_WINDOW_MS - (at % TOKEN_WINDOW_MS < 0);
}

static void make(const uint8_t key[TOKEN_KEY_BYTES], const struct id *activity, int64_t window,
                 char out[TOKEN_TEXT_SIZE]) {
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford: no I, L, O, U */
    uint8_t material[ID_BYTES + 8];
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    memcpy(material, activity->bytes, ID_BYTES);
    for (int i = 0; i < 8; i++) {
        material[ID_BYTES + i] = (uint8_t)((uint64_t)window >> (56 - 8 * i));
    }
    crypto_auth_hmacsha256(mac, material, sizeof material, key);
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | mac[i];
    }
    for (int i = 0; i < CHARACTERS; i++) {
        out[i] = digits[bits >> (64 - BITS_EACH)];
        bits <<= BITS_EACH;
    }
    out[CHARACTERS] = '\0';
}

int64_t token_make(const uint8_t key[TOKEN_KEY_BYTES], const struct id *activity, int64_t at,
                   char out[TOKEN_TEXT_SIZE]) {
    make(key, activity, window_of(at), out);
    return (window_of(at) + 2) * TOKEN_WINDOW_MS;
}

bool token_fits(const uint8_t key[TOKEN_KEY_BYTES], const struct id *activity, int64_t at, struct text token) {
    char given[CHARACTERS];
    char made[TOKEN_TEXT_SIZE];
    if (token.length != CHARACTERS) {
        return false;
    }
    for (int i = 0; i < CHARACTERS; i++) {
        char letter = token.data[i];
        given[i] = letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
    }
    bool fits = false;
    for (int64_t window = window_of(at) - 1; window <= window_of(at); window++) {
        make(key, activity, window, made);
        fits |= sodium_memcmp(given, made, CHARACTERS) == 0;
    }
    return fits;
}

struct text token_take(struct event *event) {
    if (event->type != EVENT_ATTENDANCE_IN && event->type != EVENT_ATTENDANCE_OUT) {
        return (struct text){0};
    }
    struct wire_attendance *attendance = &event->body->attendance;
    struct text token = attendance->token;
    attendance->token = (struct text){0};
    attendance->present &= ~(UINT64_C(1) << FIELD_attendance_token);
    event->has_side = (attendance->present & event_row(event->type)->body->side_fields) != 0;
    event->kept = (struct event_bytes){0};
    return token;
}
