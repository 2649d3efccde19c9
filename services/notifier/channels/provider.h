/* What all channels check: settings of a provider, password files, texts that may go out. */
#pragma once

#include "services/notifier/channels/channel.h"

#define PROVIDER_PASSWORD_SIZE 256

/* Fills `error`: the setting is not `limit`. Returns -ERR_BAD_SETTING. */
int provider_refuse(enum setting setting, const char *value, const char *limit, struct error *error);

/* The setting must be an address with a host and one of the two schemes, without user, fragment or odd bytes. */
int provider_check_url(const struct config *config, enum setting setting, const char *scheme, const char *other_scheme,
                       struct error *error);

/* sms-signature, which e-mail carries too: at most 20 characters, no brackets of its own. */
int provider_check_signature(const struct config *config, struct error *error);

/* Whether it is an address with a host and one of the two schemes, without user, fragment or odd bytes. */
bool provider_is_url(const char *value, const char *scheme, const char *other_scheme);

/* The one line of the file that the setting names, which must be closed to all but its owner. Blocks. */
int provider_read_password(const struct config *config, enum setting setting, char password[PROVIDER_PASSWORD_SIZE],
                           struct error *error);

/* Valid UTF-8 without control characters; prose may hold line breaks and tabs. */
bool provider_is_line(const char *string);
bool provider_is_prose(const char *string);

/* Fills `refusal` with OUTCOME_IMPOSSIBLE and the words; returns 1. The words never hold what a recipient could be
 * known by. */
int provider_impossible(struct channel_result *refusal, const char *format, ...) __attribute__((format(printf, 2, 3)));
