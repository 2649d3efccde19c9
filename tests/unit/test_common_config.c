/* Settings: which source wins, and what every fault says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config_file.h"
#include "common/setting.h"

struct settings_file {
    char path[64];
};

static void write_file(struct settings_file *file, const char *text) {
    strcpy(file->path, "/tmp/chaoxun-config-XXXXXX");
    int descriptor = mkstemp(file->path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
}

static int load(struct config **config, const char *service, struct error *error, const char *const *words) {
    char *arguments[16] = {"test"};
    int count = 1;
    for (; words && *words; words++) {
        arguments[count++] = (char *)*words;
    }
    return config_load(config, service, count, arguments, error);
}

static void defaults_come_from_the_table(void **state) {
    (void)state;
    struct config *config;
    struct error error;
    assert_int_equal(load(&config, "intake", &error, NULL), 0);
    assert_string_equal(config_text(config, SETTING_DATA), "data");
    assert_int_equal(config_int(config, SETTING_BATCH_EVENTS), 1024);
    assert_false(config_bool(config, SETTING_ZMQ_PLAIN));
    char path[200];
    assert_int_equal(config_state_dir(config, "intake", path, sizeof path, &error), 0);
    assert_string_equal(path, "data/intake");
    assert_int_equal(config_keys_dir(config, path, sizeof path, &error), 0);
    assert_string_equal(path, "data/keys");
    assert_int_equal(config_endpoint(config, "submit", path, sizeof path, &error), 0);
    assert_string_equal(path, "tcp://127.0.0.1:5501");
    assert_int_equal(config_endpoint(config, "stream", path, sizeof path, &error), 0);
    assert_string_equal(path, "ipc://data/run/stream.ipc");
    config_destroy(&config);
    assert_null(config);
}

/* batch-events: file 11, environment 12, command line 13; each source has one more that nobody overrides. */
static void later_sources_win(void **state) {
    (void)state;
    struct settings_file file;
    write_file(&file,
               "\xEF\xBB\xBF# settings of 海宁\nbatch-events = 11\nsend-queue = 21\ndata = /srv/潮讯 ; a comment\n"
               "port = 9090\n[endpoint]\nsubmit = tcp://10.0.0.1:5501\ncontrol.intake = ipc:///x/y\n");
    setenv("CHAOXUN_BATCH_EVENTS", "12", 1);
    setenv("CHAOXUN_SEND_QUEUE", "22", 1);
    setenv("CHAOXUN_PENDING_EVENTS", "32", 1);
    setenv("CHAOXUN_ENDPOINT_STREAM", "tcp://127.0.0.1:5502", 1);
    setenv("CHAOXUN_LOG_LEVEL", "", 1);
    setenv("CHAOXUN_BIN", "/no/setting", 1);
    setenv("CHAOXUN_PLAN", "neither", 1);
    char option[100];
    snprintf(option, sizeof option, "--config=%s", file.path);
    struct config *config;
    struct error error;
    const char *const words[] = {option, "--batch-events", "13", "--submit-plain=true", "--utc-offset", "-60", NULL};
    assert_int_equal(load(&config, "intake", &error, words), 0);
    assert_int_equal(config_int(config, SETTING_BATCH_EVENTS), 13);
    assert_int_equal(config_int(config, SETTING_SEND_QUEUE), 22);
    assert_int_equal(config_int(config, SETTING_PENDING_EVENTS), 32);
    assert_int_equal(config_int(config, SETTING_PORT), 9090);
    assert_int_equal(config_int(config, SETTING_UTC_OFFSET), -60);
    assert_true(config_bool(config, SETTING_ZMQ_PLAIN));
    assert_string_equal(config_text(config, SETTING_DATA), "/srv/潮讯");
    assert_string_equal(config_text(config, SETTING_LOG_LEVEL), "info");
    char endpoint[200];
    assert_int_equal(config_endpoint(config, "submit", endpoint, sizeof endpoint, &error), 0);
    assert_string_equal(endpoint, "tcp://10.0.0.1:5501");
    assert_int_equal(config_endpoint(config, "control.intake", endpoint, sizeof endpoint, &error), 0);
    assert_string_equal(endpoint, "ipc:///x/y");
    assert_int_equal(config_endpoint(config, "stream", endpoint, sizeof endpoint, &error), 0);
    assert_string_equal(endpoint, "tcp://127.0.0.1:5502");
    config_destroy(&config);
    /* the path of the file from the environment */
    setenv("CHAOXUN_CONFIG", file.path, 1);
    assert_int_equal(load(&config, "intake", &error, NULL), 0);
    assert_int_equal(config_int(config, SETTING_BATCH_EVENTS), 12);
    config_destroy(&config);
    unlink(file.path);
    const char *const variables[] = {"CHAOXUN_CONFIG",          "CHAOXUN_BATCH_EVENTS", "CHAOXUN_SEND_QUEUE",
                                     "CHAOXUN_PENDING_EVENTS",  "CHAOXUN_LOG_LEVEL",    "CHAOXUN_PLAN",
                                     "CHAOXUN_ENDPOINT_STREAM", "CHAOXUN_BIN"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        unsetenv(variables[i]);
    }
}

struct fault_case {
    const char *given;
    enum error_code code;
    const char *says[3];
};

static void check_fault(const char *given, const struct fault_case *expected, int result, const struct error *error) {
    if (result != -(int)expected->code) {
        fail_msg("%s: result %d, text %s", given, result, result ? error->text : "");
    }
    for (int i = 0; i < 3 && expected->says[i]; i++) {
        if (!strstr(error->text, expected->says[i])) {
            fail_msg("%s: \"%s\" is not in: %s", given, expected->says[i], error->text);
        }
    }
}

static void faults_of_the_command_line_are_named(void **state) {
    (void)state;
    static const struct fault_case cases[] = {
        {"--batch-events=0", ERR_BAD_SETTING, {"batch-events", "\"0\"", "from 1 to 10000"}},
        {"--batch-events=10001", ERR_BAD_SETTING, {"batch-events", "10001", "from 1 to 10000"}},
        {"--batch-events=12x", ERR_BAD_SETTING, {"12x", "a whole number"}},
        {"--batch-events=", ERR_BAD_SETTING, {"\"\"", "a whole number"}},
        {"--batch-events=+5", ERR_BAD_SETTING, {"+5"}},
        {"--batch-events= 5", ERR_BAD_SETTING, {"\" 5\""}},
        {"--batch-events=99999999999999999999", ERR_BAD_SETTING, {"99999999999999999999"}},
        {"--submit-plain=maybe", ERR_BAD_SETTING, {"submit-plain", "maybe", "true or false"}},
        {"--log-level=loud", ERR_BAD_SETTING, {"log-level", "loud", "debug, info, warn or error"}},
        {"--data=", ERR_BAD_SETTING, {"data", "1 to 4000 bytes"}},
        {"--batch-event=5", ERR_UNKNOWN_SETTING, {"batch-event (did you mean batch-events?)"}},
        {"--endpoint.submitt=tcp://1.2.3.4:5", ERR_UNKNOWN_SETTING, {"did you mean endpoint.submit?"}},
        {"--quite-another-thing=5", ERR_UNKNOWN_SETTING, {"setting quite-another-thing does not exist"}},
        {"--=5", ERR_UNKNOWN_SETTING, {"does not exist"}},
        {"--", ERR_UNKNOWN_SETTING, {"does not exist"}},
        {"--batch-events", ERR_USAGE, {"--batch-events needs a value"}},
        {"--port=80", ERR_USAGE, {"--port is a setting of portal, not of intake"}},
        {"-x", ERR_USAGE, {"-x: expected --name=value"}},
        {"start", ERR_USAGE, {"start: expected --name=value"}},
        {"--endpoint.submit=http://x", ERR_BAD_SETTING, {"endpoint.submit", "http://x", "tcp://ADDRESS:PORT"}},
        {"--endpoint.submit=tcp://x", ERR_BAD_SETTING, {"tcp://ADDRESS:PORT or ipc://PATH"}},
        {"--endpoint.submit=tcp://x:65536", ERR_BAD_SETTING, {"65536"}},
        {"--endpoint.submit=tcp://:5", ERR_BAD_SETTING, {"tcp://:5"}},
        {"--endpoint.submit=ipc://", ERR_BAD_SETTING, {"ipc://PATH"}},
        {"--endpoint.submit=ipc://@abstract", ERR_BAD_SETTING, {"ipc://PATH"}},
        {"--config=/nonexistent/file", ERR_BAD_SETTING, {"config", "/nonexistent/file", "No such file"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config *config;
        struct error error = {.code = ERR_OK};
        int result = load(&config, "intake", &error, (const char *const[]){cases[i].given, NULL});
        check_fault(cases[i].given, &cases[i], result, &error);
        assert_null(config);
    }
}

static void faults_of_the_environment_name_the_variable(void **state) {
    (void)state;
    struct config *config;
    struct error error;
    setenv("CHAOXUN_BATCH_EVENTS", "many", 1);
    assert_int_equal(load(&config, "intake", &error, NULL), -ERR_BAD_SETTING);
    assert_non_null(strstr(error.text, "environment CHAOXUN_BATCH_EVENTS: setting batch-events: \"many\""));
    unsetenv("CHAOXUN_BATCH_EVENTS");
    setenv("CHAOXUN_ENDPOINT_CONTROL_INTAKE", "nowhere", 1);
    assert_int_equal(load(&config, "intake", &error, NULL), -ERR_BAD_SETTING);
    assert_non_null(strstr(error.text, "CHAOXUN_ENDPOINT_CONTROL_INTAKE"));
    unsetenv("CHAOXUN_ENDPOINT_CONTROL_INTAKE");
}

static void faults_of_the_file_name_the_line(void **state) {
    (void)state;
    char long_line[400];
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "data = ", 7);
    long_line[399] = '\0';
    const struct fault_case cases[] = {
        {"\n\nbatch-events = 0\n", ERR_BAD_SETTING, {"f.ini, line 3", "batch-events"}},
        {"batch-evnts = 5", ERR_UNKNOWN_SETTING, {"f.ini, line 1", "did you mean batch-events?"}},
        {"data\n", ERR_BAD_SETTING, {"f.ini", "on line 1", "name = value"}},
        {"[endpoint\nsubmit = x\n", ERR_BAD_SETTING, {"on line 1"}},
        {"send-queue = 10\nsend-queue = 20\n", ERR_BAD_SETTING, {"line 2", "send-queue", "in one file"}},
        {"data = /a\n  /b\n", ERR_BAD_SETTING, {"line 2", "a second value"}},
        {"config = /other\n", ERR_BAD_SETTING, {"config", "allowed in a settings file"}},
        {"data = /a\x01\n", ERR_BAD_SETTING, {"on line 1", "control character"}},
        {"[port\xC2\x8A]\nx = 1\n", ERR_BAD_SETTING, {"on line 1", "control character"}},
        {"data = /a\xE2\x80\xA8/b\n", ERR_BAD_SETTING, {"on line 1", "control character"}},
        {"data = /\xFF\n", ERR_BAD_SETTING, {"on line 1", "UTF-8"}},
        {"[endpoint]\nsubmit = http://x\n", ERR_BAD_SETTING, {"line 2", "endpoint.submit"}},
        {"[port]\nx = 1\n", ERR_UNKNOWN_SETTING, {"port.x"}},
        {long_line, ERR_BAD_SETTING, {"on line 1", "long line"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config *config;
        struct error error = {.code = ERR_OK};
        int result = config_parse(&config, "f.ini", text_of(cases[i].given), &error);
        check_fault(cases[i].given, &cases[i], result, &error);
        assert_null(config);
    }
}

static void paths_that_do_not_fit_are_refused(void **state) {
    (void)state;
    char data[150] = "--data=/";
    memset(data + 8, 'd', 110);
    struct config *config;
    struct error error;
    assert_int_equal(load(&config, "intake", &error, (const char *const[]){data, NULL}), 0);
    char out[300];
    assert_int_equal(config_endpoint(config, "stream", out, sizeof out, &error), -ERR_BAD_SETTING);
    assert_non_null(strstr(error.text, "at most 107 bytes"));
    assert_int_equal(config_endpoint(config, "submit", out, sizeof out, &error), 0);
    assert_int_equal(config_endpoint(config, "submit", out, 5, &error), -ERR_BAD_SETTING);
    assert_int_equal(config_state_dir(config, "intake", out, 20, &error), -ERR_BAD_SETTING);
    assert_int_equal(config_keys_dir(config, out, 20, &error), -ERR_BAD_SETTING);
    config_destroy(&config);
}

static void tools_take_every_row(void **state) {
    (void)state;
    struct config *config;
    struct error error;
    const char *const words[] = {"--port=80", "--batch-events=5", NULL};
    assert_int_equal(load(&config, NULL, &error, words), 0);
    assert_int_equal(config_int(config, SETTING_PORT), 80);
    config_destroy(&config);
}

static void help_lists_the_settings_of_a_service(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    config_help(out, "portal");
    fclose(out);
    assert_non_null(strstr(text, "--port=8080"));
    assert_non_null(strstr(text, "a whole number from 0 to 65535"));
    assert_non_null(strstr(text, "--data=data"));
    assert_null(strstr(text, "--batch-events"));
    assert_non_null(strstr(text, "--endpoint.submit=tcp://127.0.0.1:5501"));
    free(text);
}

/* Every default fits its own limits and every name has a variable of its own. */
static void the_table_is_sound(void **state) {
    (void)state;
    char variables[SETTING_COUNT][SETTING_NAME_MAX + 8];
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        const struct setting_row *row = setting_row((enum setting)setting);
        int64_t number;
        struct error error;
        assert_int_equal(setting_check((enum setting)setting, row->initial, &number, &error), 0);
        assert_int_equal(setting_find(text_of(row->name)), setting);
        assert_true(strlen(row->name) < 50); /* inih's limit of names */
        assert_true(*row->prose != '\0');
        setting_environment(row->name, variables[setting]);
        for (int other = 0; other < setting; other++) {
            assert_string_not_equal(variables[other], variables[setting]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_come_from_the_table),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(faults_of_the_command_line_are_named),
        cmocka_unit_test(faults_of_the_environment_name_the_variable),
        cmocka_unit_test(faults_of_the_file_name_the_line),
        cmocka_unit_test(paths_that_do_not_fit_are_refused),
        cmocka_unit_test(tools_take_every_row),
        cmocka_unit_test(help_lists_the_settings_of_a_service),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
