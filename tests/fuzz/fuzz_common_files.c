/* Fuzzes what is read back from the disk beside the tables: key files, the witness, sealed sides, positions in texts.
 *
 * The first byte chooses: 'k' and 'w' the bytes of a file, 's' a nonce and a sealed side, 'c' a side that is sealed and
 * then changed in one place, else a position. No bytes are a side that was not made by us, nor a
 * witness without its checksum.
 */
#include <assert.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "common/journal/bytes.h"
#include "common/journal/side.h"
#include "common/journal/witness.h"
#include "common/key_file.h"
#include "proto/position.h"
#include "tests/fuzz/pieces.h"

#define MEMORY ((size_t)1024 * 1024)

static const struct side_cipher cipher = {.key = {1, 2, 3}, .journal = 7};

/* One file, written anew for each input; in memory, where a sync costs nothing. */
static const char *the_file(struct pieces in) {
    static char path[64];
    if (path[0] == '\0') {
        snprintf(path, sizeof path, "/dev/shm/chaoxun-fuzz-file-%d", (int)getpid());
    }
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert(descriptor >= 0);
    ssize_t written = write(descriptor, in.data, in.left);
    assert(written == (ssize_t)in.left);
    close(descriptor);
    return path;
}

static void read_key_file(struct pieces in) {
    char line[100];
    const char *path = the_file(in);
    struct error error = {0};
    int result = key_file_read(path, true, line, sizeof line, &error);
    if (result == 0) {
        assert(strlen(line) < sizeof line && !strchr(line, '\n') && memcmp(line, in.data, strlen(line)) == 0);
    } else {
        assert(error.code == ERR_BAD_KEYFILE && text_is_utf8(text_of(error.text)));
    }
    unlink(path);
}

/* Whether the bytes begin with a whole slot of this mark. The checksum has no key, so a fuzzer finds one now and then: it
 * sees what its bytes are compared with. */
static bool is_slot_of(struct pieces in, const struct witness_mark *mark) {
    enum { CHECKED = 8 + 3 * 8 + HASH_BYTES };
    uint8_t checksum[HASH_BYTES];
    if (in.left < CHECKED + HASH_BYTES) {
        return false;
    }
    crypto_generichash(checksum, sizeof checksum, in.data, CHECKED, NULL, 0);
    return memcmp(in.data, "CXWITNES", 8) == 0 && get_u64(in.data + 8) == mark->journal &&
           get_u64(in.data + 16) == mark->epoch && get_u64(in.data + 24) == mark->seq &&
           memcmp(in.data + CHECKED, checksum, sizeof checksum) == 0;
}

static void read_witness(struct pieces in) {
    struct witness witness;
    struct witness_mark mark = {0};
    struct error error = {0};
    const char *path = the_file(in);
    int opened = witness_open(&witness, path, &mark, &error);
    assert(opened == 0 || (opened == 1 && is_slot_of(in, &mark)));
    witness_close(&witness);
    mark = (struct witness_mark){.journal = piece_byte(&in), .epoch = piece_byte(&in), .seq = piece_byte(&in)};
    struct witness_mark found = {0};
    int result = witness_create(&witness, path, &mark, &error);
    assert(result == 0);
    witness_close(&witness);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    uint8_t changed = piece_byte(&in);
    uint8_t bytes = piece_byte(&in) % 8;
    ssize_t written = pwrite(descriptor, in.data, bytes < in.left ? bytes : in.left, changed);
    assert(descriptor >= 0 && written >= 0);
    close(descriptor);
    if (witness_open(&witness, path, &found, &error) == 1) {
        assert(found.journal == mark.journal && found.epoch == mark.epoch && found.seq == mark.seq);
        witness_close(&witness);
    }
    unlink(path);
}

static void unseal(struct pieces in, struct arena *arena) {
    struct text nonce = piece_next(&in);
    struct text sealed = {(const char *)in.data, (uint32_t)in.left};
    struct text plain;
    assert(side_unseal(&cipher, 1, 1, nonce, sealed, arena, &plain, NULL) == -(int)ERR_CORRUPT);
}

static void change_sealed(struct pieces in, struct arena *arena) {
    struct side_seal seal = {0};
    uint8_t at = piece_byte(&in);
    uint8_t change = piece_byte(&in);
    struct text plain = {(const char *)in.data, (uint32_t)in.left};
    struct text back = {0};
    int result = side_seal(&cipher, 1, 1, plain, side_sealed_length(plain) + at % 16, &seal, NULL);
    assert(result == 0);
    seal.sealed.data[at % seal.sealed.length] ^= change;
    struct text nonce = {(const char *)seal.nonce, sizeof seal.nonce};
    struct text sealed = {(const char *)seal.sealed.data, (uint32_t)seal.sealed.length};
    result = side_unseal(&cipher, 1, 1, nonce, sealed, arena, &back, NULL);
    assert(change == 0 ? result == 0 && text_equal(back, plain) : result == -(int)ERR_CORRUPT);
    assert(side_unseal(&cipher, 1, 2, nonce, sealed, arena, &back, NULL) == -(int)ERR_CORRUPT);
    buffer_free(&seal.sealed);
}

static void read_position(struct pieces in) {
    struct position position;
    struct position again;
    char text[POSITION_TEXT_SIZE];
    struct error error = {0};
    if (position_parse((struct text){(const char *)in.data, (uint32_t)in.left}, &position, &error) < 0) {
        assert(error.code == ERR_BAD_POSITION && text_is_utf8(text_of(error.text)));
        return;
    }
    position_format(&position, text);
    int result = position_parse(text_of(text), &again, NULL);
    assert(result == 0 && memcmp(&position, &again, sizeof position) == 0);
#ifdef PLANTED_BUG
    /* A careless reader: believes that no journal was put back thirteen times or more. */
    assert(position.epoch <= 12);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    struct arena *arena = arena_create(MEMORY);
    int result = sodium_init();
    assert(result >= 0);
    switch (piece_byte(&in)) {
    case 'k':
        read_key_file(in);
        break;
    case 'w':
        read_witness(in);
        break;
    case 's':
        unseal(in, arena);
        break;
    case 'c':
        change_sealed(in, arena);
        break;
    default:
        read_position(in);
        break;
    }
    arena_destroy(&arena);
    return 0;
}
