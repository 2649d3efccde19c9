/* Problem documents: what a program or a person is told when a request fails (RFC 9457, application/problem+json).
 *
 * Members: type (urn:chaoxun:problem:<code>), title and detail in Chinese, detail_en, status, code (wire code of
 * errors.def) and, where they apply, faults (as in receipts), as_of, retry_after (ms). Pure.
 */
#pragma once

#include <jansson.h>

#include "proto/codec.h"
#include "proto/faults.h"

#define PROBLEM_MEDIA_TYPE "application/problem+json; charset=utf-8"

struct problem {
    const struct error *error;
    const struct faults *faults; /* may be NULL */
    int64_t retry_after;         /* ms; 0: not told */
    const char *as_of;           /* may be NULL or empty */
};

/* Appends the document; `out->failed` when there is no memory. Returns the HTTP status. */
int problem_render(const struct problem *problem, struct buffer *out);

/* Fills `error` from a value that may hold anything: it is cut and made printable. Returns -(int)code. */
int problem_error(struct error *error, enum error_code code, const char *field, const char *limit, struct text value);

/* The Chinese title of an HTTP status. */
const char *problem_title(int status);

/* One fault as an object with field, code, limit, value, text and text_en; NULL when there is no memory. */
json_t *problem_fault(const struct fault *fault);

/* Appends a document without white space. False when there is no memory. */
bool json_append(struct buffer *out, const json_t *document);
