/* Settings: the values of settings.def for one process, from defaults, file, environment and command line. */
#include "common/config.h"

#include <assert.h>
#include <stdlib.h>

#include "common/config_file.h"
#include "common/edge.h"
#include "common/setting.h"

#define ENDPOINT_PREFIX "endpoint."
#define SOCKET_PATH_MAX 107 /* sun_path of unix(7), without the terminator */

struct config {
    char *texts[SETTING_COUNT];
    int64_t numbers[SETTING_COUNT];
    char *endpoints[EDGE_COUNT]; /* NULL: the default */
    bool in_file[SETTING_COUNT + EDGE_COUNT];
};

/* ---- one value ---- */

static int keep(char **slot, const char *value, struct error *error) {
    char *copy = strdup(value);
    if (!copy) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    free(*slot);
    *slot = copy;
    return 0;
}

static int set_setting(struct config *config, enum setting setting, const char *value, struct error *error) {
    int64_t number;
    int result = setting_check(setting, value, &number, error);
    if (result == 0) {
        result = keep(&config->texts[setting], value, error);
    }
    if (result == 0) {
        config->numbers[setting] = number;
    }
    return result;
}

static int set_endpoint(struct config *config, int edge, const char *name, const char *value, struct error *error) {
    int result = setting_check_endpoint(name, value, error);
    return result != 0 ? result : keep(&config->endpoints[edge], value, error);
}

/* The edge that "endpoint.<edge>" names, or -1. */
static int find_endpoint(const char *name) {
    size_t prefix = strlen(ENDPOINT_PREFIX);
    return strncmp(name, ENDPOINT_PREFIX, prefix) == 0 ? edge_find(text_of(name + prefix)) : -1;
}

static int set_named(struct config *config, const char *name, const char *value, struct error *error) {
    int edge = find_endpoint(name);
    if (edge >= 0) {
        return set_endpoint(config, edge, name, value, error);
    }
    int setting = setting_find(text_of(name));
    if (setting < 0) {
        return setting_unknown(text_of(name), error);
    }
    return set_setting(config, (enum setting)setting, value, error);
}

/* ---- the sources ---- */

static int load_defaults(struct config *config, struct error *error) {
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        int result = set_setting(config, (enum setting)setting, setting_row((enum setting)setting)->initial, error);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* inih hands on a continued line as the same name again, so that a second value is either that or a slip. */
static int take_from_file(void *data, const char *name, const char *value, struct error *error) {
    struct config *config = data;
    int edge = find_endpoint(name);
    int setting = setting_find(text_of(name));
    if (setting == SETTING_CONFIG) {
        return error_set(error, ERR_BAD_SETTING,
                         (struct error_words){.field = name, .value = value, .limit = "allowed in a settings file"});
    }
    int slot = edge >= 0 ? SETTING_COUNT + edge : setting;
    if (slot >= 0 && config->in_file[slot]) {
        return error_set(
            error, ERR_BAD_SETTING,
            (struct error_words){.field = name, .value = "a second value", .limit = "allowed in one file"});
    }
    if (slot >= 0) {
        config->in_file[slot] = true;
    }
    return set_named(config, name, value, error);
}

/* An empty variable counts as not set, as compose files and unit files write it. */
static int take_from_environment(struct config *config, const char *name, struct error *error) {
    char variable[SETTING_NAME_MAX + 8];
    setting_environment(name, variable);
    const char *value = getenv(variable);
    if (!value || *value == '\0') {
        return 0;
    }
    int result = set_named(config, name, value, error);
    if (result != 0) {
        error_wrap(error, "environment %s", variable);
    }
    return result;
}

static int load_environment(struct config *config, struct error *error) {
    int result = 0;
    for (int setting = 0; setting < SETTING_COUNT && result == 0; setting++) {
        result = take_from_environment(config, setting_row((enum setting)setting)->name, error);
    }
    for (int edge = 0; edge < EDGE_COUNT && result == 0; edge++) {
        char name[SETTING_NAME_MAX];
        snprintf(name, sizeof name, ENDPOINT_PREFIX "%s", edge_row((enum edge)edge)->name);
        result = take_from_environment(config, name, error);
    }
    return result;
}

static int take_from_arguments(struct config *config, const char *service, const char *name, const char *value,
                               struct error *error) {
    int setting = setting_find(text_of(name));
    if (setting >= 0 && !setting_serves((enum setting)setting, service)) {
        return error_setf(error, ERR_USAGE, "--%s is a setting of %s, not of %s", name,
                          setting_row((enum setting)setting)->services, service);
    }
    int result = set_named(config, name, value, error);
    if (result != 0) {
        error_wrap(error, "--%s", name);
    }
    return result;
}

static int load_arguments(struct config *config, const char *service, int argc, char **argv, struct error *error) {
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            return error_setf(error, ERR_USAGE, "%.100s: expected --name=value", argv[i]);
        }
        char name[SETTING_NAME_MAX];
        size_t length = strcspn(argv[i] + 2, "=");
        if (length >= sizeof name) {
            return setting_unknown((struct text){argv[i] + 2, (uint32_t)length}, error);
        }
        memcpy(name, argv[i] + 2, length);
        name[length] = '\0';
        const char *value = argv[i] + 2 + length;
        if (*value == '\0' && (i + 1 == argc || strncmp(argv[i + 1], "--", 2) == 0)) {
            bool known = setting_find(text_of(name)) >= 0 || find_endpoint(name) >= 0;
            return known ? error_setf(error, ERR_USAGE, "--%s needs a value", name)
                         : setting_unknown(text_of(name), error);
        }
        value = *value == '=' ? value + 1 : argv[++i];
        int result = take_from_arguments(config, service, name, value, error);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* The path of the file may come from either of the later sources, which then override what the file says. */
static int load_sources(struct config *config, const char *service, int argc, char **argv, struct error *error) {
    int result = load_defaults(config, error);
    for (int round = 0; round < 2 && result == 0; round++) {
        const char *path = config->texts[SETTING_CONFIG];
        if (*path != '\0') {
            result = config_file_read(path, take_from_file, config, error);
        }
        if (result == 0) {
            result = load_environment(config, error);
        }
        if (result == 0) {
            result = load_arguments(config, service, argc, argv, error);
        }
        if (*config->texts[SETTING_CONFIG] == '\0') {
            break;
        }
    }
    return result;
}

int config_load(struct config **config, const char *service, int argc, char **argv, struct error *error) {
    *config = calloc(1, sizeof **config);
    if (!*config) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = load_sources(*config, service, argc, argv, error);
    if (result != 0) {
        config_destroy(config);
    }
    return result;
}

int config_parse(struct config **config, const char *path, struct text text, struct error *error) {
    *config = calloc(1, sizeof **config);
    if (!*config) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = load_defaults(*config, error);
    if (result == 0) {
        result = config_file_parse(path, text, take_from_file, *config, error);
    }
    if (result != 0) {
        config_destroy(config);
    }
    return result;
}

void config_destroy(struct config **config) {
    if (!*config) {
        return;
    }
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        free((*config)->texts[setting]);
    }
    for (int edge = 0; edge < EDGE_COUNT; edge++) {
        free((*config)->endpoints[edge]);
    }
    free(*config);
    *config = NULL;
}

/* ---- values ---- */

const char *config_text(const struct config *config, enum setting setting) {
    return config->texts[setting];
}

int64_t config_int(const struct config *config, enum setting setting) {
    assert(setting_row(setting)->kind == SETTING_KIND_INT);
    return config->numbers[setting];
}

bool config_bool(const struct config *config, enum setting setting) {
    assert(setting_row(setting)->kind == SETTING_KIND_BOOL);
    return config->numbers[setting] != 0;
}

/* ---- what follows from them ---- */

static int fit(int written, size_t size, const char *field, const char *value, struct error *error) {
    if (written >= 0 && (size_t)written < size) {
        return 0;
    }
    return error_set(error, ERR_BAD_SETTING,
                     (struct error_words){.field = field, .value = value, .limit = "a path short enough"});
}

int config_state_dir(const struct config *config, const char *service, char *out, size_t size, struct error *error) {
    const char *data = config->texts[SETTING_DATA];
    return fit(snprintf(out, size, "%s/%s", data, service), size, "data", data, error);
}

static int data_folder(const struct config *config, enum setting setting, char *out, size_t size, struct error *error) {
    const char *chosen = config->texts[setting];
    const char *name = setting_row(setting)->name;
    int written = *chosen != '\0' ? snprintf(out, size, "%s", chosen)
                                  : snprintf(out, size, "%s/%s", config->texts[SETTING_DATA], name);
    return fit(written, size, name, *chosen != '\0' ? chosen : config->texts[SETTING_DATA], error);
}

int config_keys_dir(const struct config *config, char *out, size_t size, struct error *error) {
    return data_folder(config, SETTING_KEYS, out, size, error);
}

int config_run_dir(const struct config *config, char *out, size_t size, struct error *error) {
    return data_folder(config, SETTING_RUN, out, size, error);
}

int config_endpoint(const struct config *config, const char *edge, char *out, size_t size, struct error *error) {
    int index = edge_find(text_of(edge));
    assert(index >= 0);
    const char *chosen = config->endpoints[index];
    const char *endpoint = chosen ? chosen : edge_row((enum edge)index)->endpoint;
    const char *place = strstr(endpoint, "{run}");
    char run[4096] = "";
    int result = place ? config_run_dir(config, run, sizeof run, error) : 0;
    if (result != 0) {
        return result;
    }
    char field[SETTING_NAME_MAX];
    snprintf(field, sizeof field, ENDPOINT_PREFIX "%s", edge);
    int before = place ? (int)(place - endpoint) : (int)strlen(endpoint);
    int written = snprintf(out, size, "%.*s%s%s", before, endpoint, run, place ? place + strlen("{run}") : "");
    result = fit(written, size, field, endpoint, error);
    if (result == 0 && strncmp(out, "ipc://", 6) == 0 && strlen(out + 6) > SOCKET_PATH_MAX) {
        return error_set(error, ERR_BAD_SETTING,
                         (struct error_words){.field = field,
                                              .value = out,
                                              .limit = "a socket path of at most 107 bytes: choose a shorter run"});
    }
    return result;
}
