/* Channels and a provider on one loop. */
#include "tests/unit/notifier_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LIMIT_MS 20000
#define TICK_MS 10

struct channel_message stage_sms(void) {
    return (struct channel_message){.address = "13800138002",
                                    .name = "李",
                                    .title = "高温",
                                    .text = "停止户外活动",
                                    .report_url = "",
                                    .message_id = "0a1b"};
}

struct channel_message stage_email(void) {
    struct channel_message message = stage_sms();
    message.address = "Li@haining.test";
    return message;
}

static void write_password(struct stage *scene) {
    snprintf(scene->password_file, sizeof scene->password_file, "/tmp/password-XXXXXX");
    int file = mkstemp(scene->password_file);
    assert_true(file >= 0);
    assert_int_equal(write(file, "secret\n", 7), 7);
    close(file);
}

int stage_try_settings(struct stage *scene, const char *more, struct error *error) {
    static const struct log log = {"notifier", LOG_LEVEL_ERROR, 2};
    static const char *const names[] = {"sms-url", "sms-user", "sms-password-file", "smtp-url", "smtp-from", "send-ms"};
    char values[sizeof names / sizeof *names][100];
    char text[2000];
    snprintf(values[0], sizeof *values, "http://127.0.0.1:%d/cgi-bin/sendsms", scene->provider.port);
    snprintf(values[1], sizeof *values, "haining");
    snprintf(values[2], sizeof *values, "%s", scene->password_file);
    snprintf(values[3], sizeof *values, "smtp://127.0.0.1:%d", scene->provider.port);
    snprintf(values[4], sizeof *values, "office@haining.test");
    snprintf(values[5], sizeof *values, "%d", STAGE_SEND_MS);
    snprintf(text, sizeof text, "%s\n", more);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char begin[40];
        snprintf(begin, sizeof begin, "%s =", names[i]);
        if (!strstr(more, begin)) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s = %s\n", names[i], values[i]);
        }
    }
    config_destroy(&scene->config);
    assert_int_equal(config_parse(&scene->config, "settings", text_of(text), error), 0);
    return channels_open(&scene->channels, &scene->loop, scene->config, &log, error);
}

void stage_open(struct stage *scene, const struct provider_script *script, const char *more) {
    struct error error = {0};
    memset(scene, 0, sizeof *scene);
    uv_loop_init(&scene->loop);
    uv_timer_init(&scene->loop, &scene->ticks);
    provider_open(&scene->provider, &scene->loop, script);
    write_password(scene);
    if (stage_try_settings(scene, more, &error) != 0) {
        fail_msg("%s", error.text);
    }
}

void stage_close(struct stage *scene) {
    channels_close(&scene->channels);
    provider_close(&scene->provider);
    uv_close((uv_handle_t *)&scene->ticks, NULL);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    provider_free(&scene->provider);
    config_destroy(&scene->config);
    unlink(scene->password_file);
    assert_int_equal(scene->ended, scene->count);
    for (unsigned i = 0; i < scene->count; i++) {
        assert_int_equal(scene->messages[i].ended, 1);
    }
}

int stage_make(void **state) {
    *state = malloc(sizeof(struct stage));
    return *state ? 0 : -1;
}

int stage_free(void **state) {
    stage_close(*state);
    free(*state);
    return 0;
}

struct stage *stage_of(void **state, const struct provider_script *script) {
    stage_open(*state, script, "");
    return *state;
}

static void on_done(void *data, const struct channel_result *result) {
    struct stage_message *message = data;
    message->result = *result;
    message->ended++;
    message->scene->ended++;
}

int stage_send(struct stage *scene, enum channel channel, const struct channel_message *message) {
    assert_true(scene->count < STAGE_MESSAGES_MAX);
    struct stage_message *sent = &scene->messages[scene->count];
    unsigned ended = scene->ended;
    sent->scene = scene;
    int result = channels_send(scene->channels, channel, message, on_done, sent);
    scene->count += result == 0;
    assert_int_equal(scene->ended, ended);
    return result;
}

/* Wakes the loop: a message that ends in the first part of a turn must not wait for the next event. */
static void on_tick(uv_timer_t *timer) {
    (void)timer;
}

static void turn(struct stage *scene, const unsigned *value, unsigned wanted) {
    uint64_t began = uv_now(&scene->loop);
    uv_timer_start(&scene->ticks, on_tick, TICK_MS, TICK_MS);
    while (*value < wanted && uv_now(&scene->loop) - began < LIMIT_MS) {
        uv_run(&scene->loop, UV_RUN_ONCE);
    }
    uv_timer_stop(&scene->ticks);
    assert_true(*value >= wanted);
}

void stage_wait(struct stage *scene) {
    turn(scene, &scene->ended, scene->count);
}

void stage_wait_answered(struct stage *scene, unsigned answered) {
    turn(scene, &scene->provider.answered, answered);
}

void stage_expect(struct stage *scene, enum channel channel, const struct channel_message *message,
                  enum outcome outcome, const char *words) {
    assert_int_equal(stage_send(scene, channel, message), 0);
    const struct stage_message *sent = &scene->messages[scene->count - 1];
    stage_wait(scene);
    if (words) {
        assert_string_equal(sent->result.words, words);
    }
    assert_true(sent->result.words[0] != '\0');
    assert_int_equal(sent->result.outcome, outcome);
}

void stage_expect_ends(struct stage *scene, enum channel channel, const struct channel_message *message,
                       const struct stage_end *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        print_message("row %zu\n", i);
        stage_open(scene, rows[i].script, "");
        stage_expect(scene, channel, message, rows[i].outcome, rows[i].words);
        if (i + 1 < count) {
            stage_close(scene);
        }
    }
}
