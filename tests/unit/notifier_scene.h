/* The notifier's channels with a provider on one loop, and what became of each message. */
#pragma once

#include "services/notifier/channel.h"
#include "tests/unit/notifier_provider.h"

#define SCENE_MESSAGES_MAX 400
#define SCENE_SEND_MS 400

/* A message that was handed in. */
struct scene_message {
    struct scene *scene;
    unsigned ended; /* how often its `done` ran */
    struct channel_result result;
};

struct scene {
    uv_loop_t loop;
    struct provider provider;
    struct config *config;
    struct channels *channels;
    char password_file[64];
    struct scene_message messages[SCENE_MESSAGES_MAX];
    unsigned count; /* handed in */
    unsigned ended;
    uv_timer_t ticks;
};

/* Settings for both channels towards the provider; `more` are further lines of a settings file, which win. */
void scene_open(struct scene *scene, const struct provider_script *script, const char *more);
void scene_close(struct scene *scene);

/* Setup and teardown of a test whose state is a scene that it opens itself, once. */
int scene_make(void **state);
int scene_free(void **state);
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_make, scene_free)

/* Opens the test's scene with the settings as they are. */
struct scene *scene_of(void **state, const struct provider_script *script);

/* As channels_open() says, with the settings of the provider and `more`. */
int scene_try_settings(struct scene *scene, const char *more, struct error *error);

/* Hands in a message and, unless it is refused, does not wait. */
int scene_send(struct scene *scene, enum channel channel, const struct channel_message *message);

/* Runs the loop until everything that was handed in has ended. */
void scene_wait(struct scene *scene);

/* Runs the loop until the provider has answered so many lines. */
void scene_wait_answered(struct scene *scene, unsigned answered);

/* Sends one message and expects its outcome and words (NULL: any). */
void scene_expect(struct scene *scene, enum channel channel, const struct channel_message *message,
                  enum outcome outcome, const char *words);

/* The same against a provider for each row, in a scene for each; the last one stays open. */
struct scene_end {
    const struct provider_script *script;
    enum outcome outcome;
    const char *words;
};
void scene_expect_ends(struct scene *scene, enum channel channel, const struct channel_message *message,
                       const struct scene_end *rows, size_t count);

/* Messages to a number and to an address. */
struct channel_message scene_sms(void);
struct channel_message scene_email(void);
