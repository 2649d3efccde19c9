/* Secrets by libsodium's random bytes; typing without echo by termios. */
#include "services/chaoxun/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void secret_password(char out[PASSWORD_TEXT_SIZE]) {
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    for (int i = 0; i < PASSWORD_TEXT_SIZE - 1; i++) {
        out[i] = i % 5 == 4 ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
    }
    out[PASSWORD_TEXT_SIZE - 1] = '\0';
}

void secret_token(char out[TOKEN_SIZE]) {
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    memcpy(out, "cx_", 3);
    sodium_bin2base64(out + 3, TOKEN_SIZE - 3, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

static int read_line(char out[PASSWORD_TYPED_MAX], struct error *error) {
    if (!fgets(out, PASSWORD_TYPED_MAX, stdin)) {
        return error_setf(error, ERR_USAGE, "no password on standard input");
    }
    size_t length = strcspn(out, "\r\n");
    if (length == PASSWORD_TYPED_MAX - 1) {
        return error_setf(error, ERR_USAGE, "a password has at most %d bytes", PASSWORD_TYPED_MAX - 2);
    }
    out[length] = '\0';
    return length > 0 ? 0 : error_setf(error, ERR_USAGE, "the password is empty");
}

static int read_hidden(const char *prompt, char out[PASSWORD_TYPED_MAX], struct error *error) {
    struct termios before;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return error_setf(error, ERR_IO, "terminal: %s", strerror(errno));
    }
    struct termios hidden = before;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    /* Before the prompt: who sees it may type at once. */
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0) {
        return error_setf(error, ERR_IO, "terminal: %s", strerror(errno));
    }
    fprintf(stderr, "%s: ", prompt);
    int result = read_line(out, error);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return result;
}

int secret_read(const char *prompt, bool twice, char out[PASSWORD_TYPED_MAX], struct error *error) {
    if (!isatty(STDIN_FILENO)) {
        return read_line(out, error);
    }
    char again[PASSWORD_TYPED_MAX];
    int result = read_hidden(prompt, out, error);
    if (result != 0 || !twice) {
        return result;
    }
    result = read_hidden("once more", again, error);
    if (result == 0 && strcmp(out, again) != 0) {
        result = error_setf(error, ERR_USAGE, "the two are different");
    }
    sodium_memzero(again, sizeof again);
    return result;
}
