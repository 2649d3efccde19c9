/* The formats of texts: what may stand in a code, a path, a number, a telephone number, an address, a key. */
#pragma once

#include "proto/types.h"

bool text_is_code(struct text text);   /* a-z 0-9, inside also '-' and '.' */
bool text_is_path(struct text text);   /* codes joined by '/', at most PATH_LEVELS_MAX */
bool text_is_number(struct text text); /* A-Z a-z 0-9 '-' '_' '.' */
bool text_is_phone(struct text text);  /* digits with an optional leading '+' */
bool text_is_email(
    struct text text); /* RFC 5321 mailbox with RFC 6531's UTF-8; no quoted local part, no address literal */
bool text_is_key(struct text text); /* 40 characters of Z85 (ZeroMQ RFC 32) */

#define PATH_LEVELS_MAX 8
#define KEY_TEXT_LENGTH 40
