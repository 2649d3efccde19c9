/* What a group robot says. Pure. */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/channel.h"

/* Appends 【signature】title, and the text below it. */
void robot_text(const char *signature, const struct channel_message *message, struct buffer *out);
