/* An e-mail as it goes over the wire: headers (RFC 5322, 2047) and two bodies (RFC 2046: plain and HTML). Pure.
 *
 * All lines end in CR LF and have at most 76 characters, an address of a recipient aside; all is ASCII but an address
 * that is not. The same input gives the same bytes.
 */
#pragma once

#include "proto/codec.h"

struct mime_mail {
    struct text from; /* addresses: checked, without brackets */
    struct text from_name;
    struct text to;
    struct text to_name;
    struct text subject;
    struct text plain; /* bodies: UTF-8, lines end in CR LF */
    struct text html;
    struct text message_id; /* local part; the domain is that of `from` */
    int64_t at;             /* ms since 1970 UTC; written in China Standard Time */
    bool urgent;
};

/* Appends the mail, without the dot that ends it in SMTP. Names and subject hold no control characters: checked
 * before. Not enough memory is `out->failed`. */
void mime_write(const struct mime_mail *mail, struct buffer *out);

/* Appends "Name: value" and its line's end: as it is where it is short plain ASCII, else as encoded words, folded
 * between them, no character split. */
void mime_write_header(const char *name, struct text value, struct buffer *out);
