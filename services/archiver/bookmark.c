/* Bookmarks to text and back. */
#include "services/archiver/bookmark.h"

#include <assert.h>
#include <sodium.h>

#define QUESTION_BYTES 16
#define SEAL_BYTES 16
#define PURPOSE "chaoxun record cursor"

/* As it is sealed and written: numbers of this machine, as nobody else reads them. */
struct sealed {
    struct bookmark bookmark;
    uint8_t question[QUESTION_BYTES];
    uint8_t seal[SEAL_BYTES];
};

static_assert(sizeof(struct sealed) == 80, "no padding: every byte is sealed");
static_assert(sodium_base64_ENCODED_LEN(sizeof(struct sealed), sodium_base64_VARIANT_URLSAFE_NO_PADDING) <=
                  BOOKMARK_TEXT_SIZE,
              "the text has room");

void bookmark_key(const char *secret, uint8_t key[BOOKMARK_KEY_BYTES]) {
    crypto_generichash(key, BOOKMARK_KEY_BYTES, (const uint8_t *)secret, strlen(secret), (const uint8_t *)PURPOSE,
                       sizeof PURPOSE - 1);
}

static int hash_question(const struct wire_record_query *query, uint8_t out[QUESTION_BYTES]) {
    struct wire_record_query question = *query;
    question.present &= ~(UINT64_C(1) << FIELD_record_query_cursor | UINT64_C(1) << FIELD_record_query_limit |
                          UINT64_C(1) << FIELD_record_query_at_least);
    struct buffer bytes = {0};
    int result = codec_encode(shape_of(SHAPE_record_query), &question, &bytes);
    if (result == 0) {
        crypto_generichash(out, QUESTION_BYTES, bytes.data, bytes.length, NULL, 0);
    }
    buffer_free(&bytes);
    return result;
}

static void make_seal(const struct sealed *sealed, const uint8_t key[BOOKMARK_KEY_BYTES], uint8_t out[SEAL_BYTES]) {
    crypto_generichash(out, SEAL_BYTES, (const uint8_t *)sealed, offsetof(struct sealed, seal), key,
                       BOOKMARK_KEY_BYTES);
}

static void write_text(const struct sealed *sealed, char out[BOOKMARK_TEXT_SIZE]) {
    sodium_bin2base64(out, BOOKMARK_TEXT_SIZE, (const uint8_t *)sealed, sizeof *sealed,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int bookmark_write(const struct bookmark *bookmark, const struct wire_record_query *query,
                   const uint8_t key[BOOKMARK_KEY_BYTES], char out[BOOKMARK_TEXT_SIZE]) {
    struct sealed sealed = {.bookmark = *bookmark};
    int result = hash_question(query, sealed.question);
    if (result == 0) {
        make_seal(&sealed, key, sealed.seal);
        write_text(&sealed, out);
    }
    return result;
}

/* libsodium reads some bytes above 127 as letters: only the text that we write ourselves is ours. */
static bool unseal(struct text cursor, const uint8_t key[BOOKMARK_KEY_BYTES], struct sealed *sealed) {
    size_t length = 0;
    const char *end = NULL;
    uint8_t seal[SEAL_BYTES];
    char text[BOOKMARK_TEXT_SIZE];
    bool whole = sodium_base642bin((uint8_t *)sealed, sizeof *sealed, cursor.data, cursor.length, NULL, &length, &end,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
                 length == sizeof *sealed && end == cursor.data + cursor.length;
    make_seal(sealed, key, seal);
    write_text(sealed, text);
    return whole && text_equal(cursor, text_of(text)) && sodium_memcmp(seal, sealed->seal, SEAL_BYTES) == 0;
}

int bookmark_read(struct bookmark *bookmark, const struct wire_record_query *query,
                  const uint8_t key[BOOKMARK_KEY_BYTES], struct error *error) {
    struct sealed sealed = {0};
    uint8_t question[QUESTION_BYTES];
    if (hash_question(query, question) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    bool ours = unseal(query->cursor, key, &sealed);
    if (!ours || memcmp(question, sealed.question, QUESTION_BYTES) != 0) {
        struct error_words words = {.field = "cursor",
                                    .value = ours ? "one of another question" : "what was sent",
                                    .limit = "the cursor of the answer before, to the same question"};
        return error_set(error, ERR_BAD_QUERY, words);
    }
    *bookmark = sealed.bookmark;
    return 0;
}
