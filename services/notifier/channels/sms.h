/* What all providers of SMS check and say. Pure. */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/channel.h"

/* Whether the message can be an SMS: 0, or 1 and what is wrong. `signature` counts, also where the provider sets it. */
int sms_check(const char *signature, const struct channel_message *message, struct channel_result *refusal);

/* Appends the text without the signature, for providers that set it themselves. */
void sms_bare(const struct channel_message *message, struct buffer *out);

/* The number with its country, as +8613800138002. */
void sms_full_number(const char *number, char out[32]);

/* Of a number in China the eleven digits alone; any other as it is. Borrowed from `number`. */
const char *sms_own_number(const char *number);
