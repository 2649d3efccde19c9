/* The SMS channel: one HTTP request to Kannel's sendsms door per message. Loop thread only. */
#pragma once

#include "services/notifier/channels/curl_loop.h"

struct sms;

/* NULL in `*sms` when no gateway is configured. -ERR_BAD_SETTING. Blocks for reading the password file. */
int sms_open(struct sms **sms, struct curl_loop *curl_loop, const struct config *config, struct error *error);

/* After curl_loop_close(): nothing is under way any more. Wipes the password. */
void sms_close(struct sms **sms);

/* 0: under way, `done` will run. 1: never under way, `refusal` says why. -ERR_NO_MEMORY. */
int sms_send(struct sms *sms, const struct channel_message *message, channel_done done, void *data,
             struct channel_result *refusal);
