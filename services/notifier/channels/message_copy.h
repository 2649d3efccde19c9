/* A message of its own: what was borrowed is copied, so that it can be handed to another provider later. */
#pragma once

#include "services/notifier/channels/channel.h"

/* One block of memory, for free(); NULL without memory. */
struct channel_message *message_copy(const struct channel_message *message);
