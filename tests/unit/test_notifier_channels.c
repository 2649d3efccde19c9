/* The settings of the channels: what is refused, and that no password is told; what is not configured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/notifier_scene.h"

static const struct provider_row no_rows[] = {{0}};
static const struct provider_script nobody = {.rows = no_rows};

static int make_scene(void **state) {
    if (stage_make(state) != 0) {
        return -1;
    }
    channels_close(&stage_of(state, &nobody)->channels);
    return 0;
}

/* Refused with these words; nothing of the password is among them. */
static void expect_refusal(struct stage *scene, const char *more, const char *words) {
    struct error error = {0};
    if (stage_try_settings(scene, more, &error) != -ERR_BAD_SETTING || !strstr(error.text, words) ||
        strstr(error.text, "secret") || strstr(error.text_zh, "secret")) {
        fail_msg("%s: %s", more, error.text);
    }
    assert_null(scene->channels);
}

static void bad_settings_are_named(void **state) {
    struct stage *scene = *state;
    static const struct {
        const char *more;
        const char *words;
    } rows[] = {
        {"sms-url = ftp://127.0.0.1/", "setting sms-url"},
        {"sms-url = 127.0.0.1:13013", "setting sms-url"},
        {"sms-url = http://", "setting sms-url"},
        {"sms-url = http://haining:secret@127.0.0.1/", "without user and password"},
        {"sms-url = http://127.0.0.1/#x", "setting sms-url"},
        {"sms-user =", "setting sms-user"},
        {"sms-password-file =", "setting sms-password-file:  is not a file"},
        {"sms-password-file = /nowhere/password", "does not exist"},
        {"sms-password-file = /tmp", "not a plain file"},
        {"sms-signature = 【海宁】", "setting sms-signature"},
        {"sms-signature = abcdefghijklmnopqrstu", "at most 20 characters"},
        {"sms-providers = kannel kannel", "setting sms-providers"},
        {"sms-providers = twilio", "setting sms-providers"},
        {"aliyun-url = ftp://x", "setting aliyun-url"},
        {"aliyun-url = https://127.0.0.1", "setting aliyun-key"},
        {"tencent-url = https://127.0.0.1", "setting tencent-key"},
        {"mas-url = http://127.0.0.1/sms/norsubmit", "setting mas-company"},
        {"govding-url = https://127.0.0.1", "setting govding-key"},
        {"robots = /nowhere", "setting robots"},
        {"smtp-url = http://127.0.0.1", "setting smtp-url"},
        {"smtp-from =", "setting smtp-from"},
        {"smtp-from = office", "setting smtp-from"},
        {"smtp-from = office@haining.test>", "setting smtp-from"},
        {"smtp-from = 办公室@haining.test", "setting smtp-from"},
        {"smtp-tls = yes", "never, try or require"},
        {"smtp-ca-file = /nowhere/ca.pem", "setting smtp-ca-file"},
        {"smtp-user = haining", "setting smtp-password-file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_refusal(scene, rows[i].more, rows[i].words);
    }
}

static void a_password_that_others_may_read(void **state) {
    struct stage *scene = *state;
    assert_int_equal(chmod(scene->password_file, 0640), 0);
    expect_refusal(scene, "", "others may read it: chmod 600");
    FILE *file = fopen(scene->password_file, "w");
    assert_non_null(file);
    assert_int_equal(chmod(scene->password_file, 0600), 0);
    fputs("secret\nsecret\n", file);
    fclose(file);
    expect_refusal(scene, "", "longer than one line");
    file = fopen(scene->password_file, "w");
    fclose(file);
    expect_refusal(scene, "", "empty");
}

static void on_done(void *data, const struct channel_result *result) {
    (void)data;
    (void)result;
    fail();
}

static void a_channel_that_is_not_configured(void **state) {
    struct stage *scene = *state;
    struct error error = {0};
    struct channel_message message = stage_sms();
    assert_int_equal(stage_try_settings(scene, "sms-url =\nsms-user =\nsms-password-file =", &error), 0);
    assert_false(channels_configured(scene->channels, CHANNEL_SMS));
    assert_true(channels_configured(scene->channels, CHANNEL_EMAIL));
    assert_int_equal(channels_send(scene->channels, CHANNEL_SMS, &message, on_done, NULL), -ERR_UNAVAILABLE);
    channels_close(&scene->channels);
    assert_int_equal(stage_try_settings(scene, "smtp-url =\nsmtp-from =", &error), 0);
    assert_true(channels_configured(scene->channels, CHANNEL_SMS));
    assert_false(channels_configured(scene->channels, CHANNEL_EMAIL));
    message = stage_email();
    assert_int_equal(channels_send(scene->channels, CHANNEL_EMAIL, &message, on_done, NULL), -ERR_UNAVAILABLE);
}

/* What a robot's vendor allows is known by its name; the other providers name no limit. */
static void the_pace_of_a_robot(void **state) {
    struct stage *scene = *state;
    struct error error = {0};
    char folder[] = "/tmp/robots-XXXXXX";
    char path[100];
    char more[200];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/xucun", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(chmod(path, 0600), 0);
    fputs("dingtalk https://oapi.dingtalk.com/robot/send?access_token=t\n", file);
    fclose(file);
    snprintf(more, sizeof more, "robots = %s", folder);
    assert_int_equal(stage_try_settings(scene, more, &error), 0);
    assert_true(channels_configured(scene->channels, CHANNEL_ROBOT));
    struct channel_pace pace = channels_pace(scene->channels, CHANNEL_ROBOT, "xucun");
    assert_int_equal(pace.messages, 20);
    assert_int_equal(pace.per_ms, 60000);
    assert_int_equal(channels_pace(scene->channels, CHANNEL_ROBOT, "nobody").messages, 0);
    assert_int_equal(channels_pace(scene->channels, CHANNEL_SMS, "13800138002").messages, 0);
    assert_int_equal(channels_pace(scene->channels, CHANNEL_EMAIL, "li@haining.test").messages, 0);
    assert_int_equal(channels_pace(scene->channels, CHANNEL_GOVDING, "1").messages, 0);
    unlink(path);
    rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scene, stage_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(bad_settings_are_named),
        TEST(a_password_that_others_may_read),
        TEST(a_channel_that_is_not_configured),
        TEST(the_pace_of_a_robot),
    };
    return cmocka_run_group_tests_name("notifier: channels", tests, NULL, NULL);
}
