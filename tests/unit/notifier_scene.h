/* The notifier's channels with a provider on one loop, and what became of each message. */
#pragma once

#include "services/notifier/channels/channel.h"
#include "tests/unit/notifier_provider.h"

#define STAGE_MESSAGES_MAX 400
#define STAGE_SEND_MS 400

/* A message that was handed in. */
struct stage_message {
    struct stage *scene;
    unsigned ended; /* how often its `done` ran */
    struct channel_result result;
};

struct stage {
    uv_loop_t loop;
    struct provider provider;
    struct config *config;
    struct channels *channels;
    char password_file[64];
    struct stage_message messages[STAGE_MESSAGES_MAX];
    unsigned count; /* handed in */
    unsigned ended;
    uv_timer_t ticks;
};

/* Settings for both channels towards the provider; `more` are further lines of a settings file, which win. */
void stage_open(struct stage *scene, const struct provider_script *script, const char *more);
void stage_close(struct stage *scene);

/* Setup and teardown of a test whose state is a scene that it opens itself, once. */
int stage_make(void **state);
int stage_free(void **state);
#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_make, stage_free)

/* Opens the test's scene with the settings as they are. */
struct stage *stage_of(void **state, const struct provider_script *script);

/* As channels_open() says, with the settings of the provider and `more`. */
int stage_try_settings(struct stage *scene, const char *more, struct error *error);

/* Hands in a message and, unless it is refused, does not wait. */
int stage_send(struct stage *scene, enum channel channel, const struct channel_message *message);

/* Runs the loop until everything that was handed in has ended. */
void stage_wait(struct stage *scene);

/* Runs the loop until the provider has answered so many lines. */
void stage_wait_answered(struct stage *scene, unsigned answered);

/* Sends one message and expects its outcome and words (NULL: any). */
void stage_expect(struct stage *scene, enum channel channel, const struct channel_message *message,
                  enum outcome outcome, const char *words);

/* The same against a provider for each row, in a scene for each; the last one stays open. */
struct stage_end {
    const struct provider_script *script;
    enum outcome outcome;
    const char *words;
};
void stage_expect_ends(struct stage *scene, enum channel channel, const struct channel_message *message,
                       const struct stage_end *rows, size_t count);

/* Messages to a number and to an address. */
struct channel_message stage_sms(void);
struct channel_message stage_email(void);
