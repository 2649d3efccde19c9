/* An inquiry: every way of a channel that can be asked is, one after the other, what became of a message. */
#pragma once

#include "services/notifier/channels/way.h"

/* As channels_ask. `*closing` is read as long as it runs: then no other question is put. */
int inquiry_send(struct way *ways, const bool *closing, const struct channel_inquiry *inquiry, channel_found done,
                 void *data);
