/* Marks in base32 (RFC 4648, 6). */
#include "services/notifier/verp.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#define MAC_BYTES 8
#define KEYED_BYTES (ID_BYTES + sizeof(uint32_t))
#define MARK_BYTES (KEYED_BYTES + MAC_BYTES)
#define PURPOSE "bounce "

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

static void encode(const uint8_t bytes[MARK_BYTES], char out[VERP_MARK_SIZE]) {
    uint32_t bits = 0;
    unsigned held = 0;
    size_t used = 0;
    for (size_t i = 0; i < MARK_BYTES; i++) {
        bits = (bits << 8) | bytes[i];
        for (held += 8; held >= 5; held -= 5) {
            out[used++] = alphabet[(bits >> (held - 5)) & 31];
        }
    }
    out[used++] = alphabet[(bits << (5 - held)) & 31];
    out[used] = '\0';
}

static int digit_of(char c) {
    char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    const char *found = lower != '\0' ? strchr(alphabet, lower) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

static bool decode(const char *mark, uint8_t out[MARK_BYTES]) {
    uint32_t bits = 0;
    unsigned held = 0;
    size_t used = 0;
    for (size_t i = 0; i < VERP_MARK_SIZE - 1; i++) {
        int digit = digit_of(mark[i]);
        if (digit < 0) {
            return false;
        }
        bits = (bits << 5) | (uint32_t)digit;
        held += 5;
        if (held >= 8 && used < MARK_BYTES) {
            held -= 8;
            out[used++] = (uint8_t)(bits >> held);
        }
    }
    return used == MARK_BYTES && (bits & ((1U << held) - 1)) == 0;
}

/* Of what the mark says, for this purpose alone. */
static void sign(const struct verp *verp, const uint8_t keyed[KEYED_BYTES], uint8_t out[MAC_BYTES]) {
    char named[sizeof PURPOSE + 2 * KEYED_BYTES] = PURPOSE;
    char mac[HOOK_MAC_SIZE];
    sodium_bin2hex(named + strlen(PURPOSE), 2 * KEYED_BYTES + 1, keyed, KEYED_BYTES);
    hook_mac(verp->hook, text_of(named), mac);
    sodium_hex2bin(out, MAC_BYTES, mac, 2 * (size_t)MAC_BYTES, NULL, NULL, NULL);
}

bool verp_fits(const char *address) {
    size_t local = strcspn(address, "@");
    for (const char *c = address; *c != '\0'; c++) {
        if (((unsigned char)*c & 0x80) != 0 || (*c == '+' && c < address + local)) {
            return false;
        }
    }
    return address[local] == '@' && local > 0 && local <= VERP_LOCAL_MAX;
}

void verp_write(const struct verp *verp, const struct id *ref, int32_t attempt, char out[VERP_SIZE]) {
    uint8_t bytes[MARK_BYTES];
    char mark[VERP_MARK_SIZE];
    uint32_t number = htobe32((uint32_t)attempt);
    out[0] = '\0';
    if (verp->address[0] == '\0') {
        return;
    }
    memcpy(bytes, ref->bytes, ID_BYTES);
    memcpy(bytes + ID_BYTES, &number, sizeof number);
    sign(verp, bytes, bytes + KEYED_BYTES);
    encode(bytes, mark);
    int local = (int)strcspn(verp->address, "@");
    snprintf(out, VERP_SIZE, "%.*s+%s%s", local, verp->address, mark, verp->address + local);
}

/* The mark at `at`, with what stands around it; NULL where none does. */
static const char *mark_at(const struct verp *verp, struct text text, uint32_t at) {
    size_t local = strcspn(verp->address, "@");
    size_t length = strlen(verp->address) + VERP_MARK_SIZE;
    const char *begin = text.data + at;
    if (text.length - at < length || strncasecmp(begin, verp->address, local) != 0 || begin[local] != '+') {
        return NULL;
    }
    const char *domain = verp->address + local;
    return strncasecmp(begin + local + VERP_MARK_SIZE, domain, strlen(domain)) == 0 ? begin + local + 1 : NULL;
}

static int read_mark(const struct verp *verp, const char *mark, struct id *ref, int32_t *attempt) {
    uint8_t bytes[MARK_BYTES];
    uint8_t mac[MAC_BYTES];
    uint32_t number;
    if (!decode(mark, bytes)) {
        return -ERR_FORGED;
    }
    sign(verp, bytes, mac);
    memcpy(ref->bytes, bytes, ID_BYTES);
    memcpy(&number, bytes + ID_BYTES, sizeof number);
    *attempt = (int32_t)be32toh(number);
    return sodium_memcmp(mac, bytes + KEYED_BYTES, MAC_BYTES) == 0 && *attempt > 0 ? 1 : -ERR_FORGED;
}

int verp_find(const struct verp *verp, struct text text, struct id *ref, int32_t *attempt) {
    int result = 0;
    for (uint32_t at = 0; verp->address[0] != '\0' && at < text.length && result <= 0; at++) {
        const char *mark = mark_at(verp, text, at);
        if (mark) {
            result = read_mark(verp, mark, ref, attempt);
        }
    }
    return result;
}
