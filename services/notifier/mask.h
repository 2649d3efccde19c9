/* Addresses shown in part: enough to know which one it is, too little to use it. Pure. */
#pragma once

#include "proto/types.h"

#define MASK_SIZE 272 /* of the longest address, with its stars and the terminator */

/* A telephone number without the four digits before the last four: 138****8002; a short one with its last two alone. Of
 * an e-mail address the first character and the domain: s***@haining.test. */
void mask_address(enum channel channel, const char *address, char out[MASK_SIZE]);
