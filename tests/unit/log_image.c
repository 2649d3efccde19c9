/* What a crash leaves of a journal with a log, looked at and damaged. */
#include "tests/unit/log_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

void image_opens(const struct journal_fixture *image, uint64_t seq) {
    struct journal *journal = fixture_open(image);
    assert_int_equal(journal_head(journal).seq, seq);
    fixture_assert_whole(image, seq);
    fixture_append(journal, 2);
    journal_close(&journal);
}

void image_refuses(const struct journal_fixture *image, const char *word) {
    struct journal *journal = NULL;
    struct error error = {0};
    assert_int_equal(journal_open(&journal, &image->options, &error), -(int)ERR_CORRUPT);
    if (!strstr(error.text, word)) {
        fail_msg("\"%s\" does not name \"%s\"", error.text, word);
    }
}

long image_place(const struct journal_fixture *image, uint64_t first, size_t *length) {
    char path[400];
    uint8_t header[RECORD_HEADER_BYTES];
    struct side_cipher cipher = {0};
    uint8_t key[RECORD_KEY_BYTES];
    struct record record;
    memcpy(cipher.key, image->key, sizeof cipher.key);
    record_key(&cipher, key);
    fixture_file(image, LOG_NAME, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    long found = -1;
    for (long at = LOG_HEAD_BYTES; found < 0 && fseek(file, at, SEEK_SET) == 0; at += RECORD_SECTOR) {
        if (fread(header, 1, sizeof header, file) != sizeof header) {
            break;
        }
        if (record_decode(header, key, &record) && record.first == first) {
            found = at;
            *length = record_bytes(&record);
        }
    }
    fclose(file);
    assert_true(found > 0);
    return found;
}

void image_overwrite(const struct journal_fixture *image, const char *name, long at, const void *bytes, size_t length) {
    char path[400];
    fixture_file(image, name, path);
    FILE *file = fopen(path, "rb+");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

void image_flip(const struct journal_fixture *image, const char *name, long at) {
    char path[400];
    fixture_file(image, name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    uint8_t byte = (uint8_t)fgetc(file);
    fclose(file);
    byte ^= 4;
    image_overwrite(image, name, at, &byte, 1);
}

void image_take(struct journal *journal, const struct journal_fixture *fixture, struct journal_fixture *image) {
    pthread_mutex_lock(&journal->mover.database_lock);
    fixture_crash(fixture, image);
    pthread_mutex_unlock(&journal->mover.database_lock);
}
