/* Keys: the CURVE key pairs of services and clients, and the secret that encrypts sides, as files of one directory.
 *
 * NAME.key (secret, Z85, mode 0600) and NAME.pub (public, Z85, 0644); side.key (64 hex digits, 0600). The directory
 * is 0700. Files with other modes or content are refused with what to do. Secrets are wiped from memory on destroy.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define KEY_TEXT_SIZE 41 /* Z85 and the terminator */
#define SIDE_KEY_BYTES 32
#define KEY_NAME_MAX 64

struct key_pair {
    char public_key[KEY_TEXT_SIZE];
    char secret_key[KEY_TEXT_SIZE];
};

/* Whose keys keys_init makes: the services and the operator; NULL behind the last. */
extern const char *const keys_own_names[];

/* Makes what is missing of all services' keys, the operator's and side.key; never overwrites. */
int keys_init(const char *directory, struct error *error);

/* Lays into `out` (made when missing, 0700) what NAME, a service or the operator, needs of a directory that keys_init
 * made: its secret key, everyone's public keys, and for intake side.key. What is there already stays when it is the
 * same, and is refused (-ERR_BAD_KEYFILE) when it differs: never overwrites. */
int keys_share(const char *directory, const char *name, const char *out, struct error *error);

/* Makes a new pair for NAME in `directory`; ERR_ALREADY when it exists. Files are synced before it returns. */
int keys_make(const char *directory, const char *name, struct error *error);

int keys_load_pair(const char *directory, const char *name, struct key_pair *pair, struct error *error);
int keys_load_public(const char *directory, const char *name, char public_key[KEY_TEXT_SIZE], struct error *error);
int keys_load_side(const char *directory, uint8_t key[SIDE_KEY_BYTES], struct error *error);
void keys_wipe(struct key_pair *pair);

/* The public keys of a directory, by name: who a peer is. */
struct key_ring;
int key_ring_load(struct key_ring **ring, const char *directory, struct error *error);
void key_ring_destroy(struct key_ring **ring);
const char *key_ring_name(const struct key_ring *ring, const char *public_key); /* NULL when unknown */
