/* Checksums of account rows: BLAKE2b-128 over their fields. */
#include "services/portal/account_sum.h"

#include <sodium.h>
#include <string.h>

/* Takes a part with its length in front, so that parts cannot run into each other. */
static void sum_part(crypto_generichash_state *state, const void *data, size_t length) {
    uint64_t size = length;
    crypto_generichash_update(state, (const unsigned char *)&size, sizeof size);
    crypto_generichash_update(state, data, length);
}

void verifier_sum(const char *account, const char *verifier, int64_t changed_at, uint8_t sum[CHECKSUM_BYTES]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHECKSUM_BYTES);
    sum_part(&state, account, strlen(account));
    sum_part(&state, verifier, strlen(verifier));
    sum_part(&state, &changed_at, sizeof changed_at);
    crypto_generichash_final(&state, sum, CHECKSUM_BYTES);
}

void token_sum(const struct token_row *row, uint8_t sum[CHECKSUM_BYTES]) {
    int64_t numbers[3] = {row->kind, row->created_at, row->expires_at};
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHECKSUM_BYTES);
    sum_part(&state, row->hash, sizeof row->hash);
    sum_part(&state, row->account, strlen(row->account));
    sum_part(&state, numbers, sizeof numbers);
    crypto_generichash_final(&state, sum, CHECKSUM_BYTES);
}
