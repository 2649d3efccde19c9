/* The --help text of the settings, from their table. */
#include "common/edge.h"
#include "common/setting.h"

static void print_setting(FILE *out, enum setting setting) {
    const struct setting_row *row = setting_row(setting);
    char limit[SETTING_LIMIT_MAX];
    setting_limit(setting, limit);
    bool free_text = row->kind == SETTING_KIND_TEXT && setting != SETTING_LOG_LEVEL;
    char option[SETTING_NAME_MAX];
    snprintf(option, sizeof option, "--%s=%s", row->name, *row->initial != '\0' ? row->initial : "TEXT");
    fprintf(out, "  %-28s %s", option, row->prose);
    if (!free_text) {
        fprintf(out, " (%s%s%s)", limit, *row->unit != '\0' ? " " : "", row->unit);
    }
    fputc('\n', out);
}

static void print_endpoint(FILE *out, enum edge edge) {
    const struct edge_row *row = edge_row(edge);
    char option[SETTING_NAME_MAX + 64];
    snprintf(option, sizeof option, "--endpoint.%s=%s", row->name, row->endpoint);
    fprintf(out, "  %s\n      %s (%s)\n", option, row->prose, row->binder);
}

void config_help(FILE *out, const char *service) {
    fprintf(out, "Settings, with their defaults:\n");
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        if (setting_serves((enum setting)setting, service)) {
            print_setting(out, (enum setting)setting);
        }
    }
    fprintf(out, "\nEndpoints, with their defaults ({run} is the directory of sockets):\n");
    for (int edge = 0; edge < EDGE_COUNT; edge++) {
        print_endpoint(out, (enum edge)edge);
    }
    fprintf(out, "\nEach can also stand in the settings file (port = 8080; [endpoint] submit = ...) and in the\n"
                 "environment (CHAOXUN_PORT, CHAOXUN_ENDPOINT_SUBMIT). The command line wins over the environment,\n"
                 "the environment over the file.\n");
}
