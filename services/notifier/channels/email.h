/* The e-mail channel: one mail per message and recipient, to the mail server of the settings. Loop thread only. */
#pragma once

#include "services/notifier/channels/curl_loop.h"

struct email;

/* NULL in `*email` when no mail server is configured. -ERR_BAD_SETTING. Blocks for reading the password file. */
int email_open(struct email **email, uv_loop_t *loop, struct curl_loop *curl_loop, const struct config *config,
               struct error *error);

/* Before curl_loop_close(): every mail under way ends. Wipes the password. */
void email_close(struct email **email);

/* 0: under way, `done` will run. 1: never under way, `refusal` says why. -ERR_NO_MEMORY. */
int email_send(struct email *email, const struct channel_message *message, channel_done done, void *data,
               struct channel_result *refusal);
