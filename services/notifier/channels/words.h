/* A provider's words as they may be kept: one line, readable, and without the recipient. Pure. */
#pragma once

#include "proto/types.h"
#include "services/notifier/channels/channel.h"

/* What stands for the recipient. */
#define WORDS_ADDRESS "<address>"

/* Any bytes in, valid UTF-8 out, at most CHANNEL_WORDS_MAX bytes, cut at a whole character. Control characters and
 * white space become one space, what is not UTF-8 a '?'. The address is replaced in any case of its letters: an
 * e-mail address anywhere, its local part (with and without what follows a '+') where it stands alone; of a telephone
 * number every run of digits that holds its last eight, whatever prefix the provider wrote. */
void words_clean(struct text said, const char *address, char out[CHANNEL_WORDS_MAX + 1]);
