/* Return paths by which an e-mail that comes back finds its message (VERP, variable envelope return paths). Pure.
 *
 *   bounce+MARK@haining.example      MARK: base32 of ref (16 bytes), attempt (4), signature (8): 45 of a-z 2-7
 *
 * The signature is the notifier's own (hook.h): nobody else can make a mark. Upper case and lower case are the same, for
 * mail servers may change them.
 */
#pragma once

#include "services/notifier/hook.h"

#define VERP_MARK_SIZE 46 /* with the terminator */
#define VERP_SIZE 320
#define VERP_LOCAL_MAX (64 - VERP_MARK_SIZE) /* of the local part without mark: RFC 5321, 4.5.3.1.1 */

struct verp {
    const struct hook *hook;
    const char *address; /* "": no return paths are made; these are borrowed */
};

/* `address` must have an ASCII local part of at most VERP_LOCAL_MAX bytes without '+'. */
bool verp_fits(const char *address);

/* The return path of an attempt; "" where none are made. */
void verp_write(const struct verp *verp, const struct id *ref, int32_t attempt, char out[VERP_SIZE]);

/* Looks for a return path of ours in `text`. 1 found, 0 none, -ERR_FORGED: one whose signature does not fit. */
int verp_find(const struct verp *verp, struct text text, struct id *ref, int32_t *attempt);
