/* Secrets that people and programs are given: passwords to read aloud, bearer tokens. */
#pragma once

#include <stdbool.h>

#include "common/error.h"

#define PASSWORD_TEXT_SIZE 20 /* four groups of four, hyphens between, and the terminator */
#define TOKEN_SIZE 47         /* "cx_", 43 characters and the terminator */
#define PASSWORD_TYPED_MAX 256

/* Letters and digits that are not taken for each other (no 0 o 1 l i); 79 random bits. */
void secret_password(char out[PASSWORD_TEXT_SIZE]);

/* 32 random bytes in base64url behind "cx_", as the portal's sessions have. */
void secret_token(char out[TOKEN_SIZE]);

/* The account that chaoxun up makes; <data>/token is its token. */
#define FIRST_ACCOUNT "office"

/* Asks on the terminal without echo, once more when `twice`, or reads one line of standard input when that is no
 * terminal. */
int secret_read(const char *prompt, bool twice, char out[PASSWORD_TYPED_MAX], struct error *error);
