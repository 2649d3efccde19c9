/* Services: the table, and questions to their control doors. */
#include "services/chaoxun/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/setting.h"

static const struct service_row rows[] = {
#define SERVICE(name, control, stop, needed) {name, EDGE_##control, stop, needed},
#include "services/chaoxun/services.def"
#undef SERVICE
};
#define SERVICE_COUNT (sizeof rows / sizeof *rows)
_Static_assert(SERVICE_COUNT <= SERVICES_MAX, "SERVICES_MAX holds all services");

bool service_binary(const struct service_row *row, char *path, size_t size) {
    char self[SESSION_PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) {
        return false;
    }
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    int written = snprintf(path, size, "%.*s/chaoxun-%s", (int)(slash - self), self, row->name);
    return written > 0 && (size_t)written < size && access(path, X_OK) == 0;
}

/* Whether a word of the settings ("--port=1", "--port") is one that the service reads. */
static bool serves(const char *word, const char *service) {
    int setting = setting_find((struct text){word + 2, (uint32_t)strcspn(word + 2, "=")});
    return setting < 0 || (setting != SETTING_DATA && setting_serves((enum setting)setting, service));
}

uint32_t service_arguments(const struct session *session, const struct service_row *row, char data[SERVICE_DATA_SIZE],
                           const char *arguments[], uint32_t max) {
    uint32_t count = 0;
    const struct options *options = session->options;
    snprintf(data, SERVICE_DATA_SIZE, "--data=%s", config_text(session->config, SETTING_DATA));
    arguments[count++] = data;
    for (uint32_t i = 1; i < options->setting_count; i++) {
        const char *word = options->settings[i];
        bool two_words = !strchr(word, '=');
        if (serves(word, row->name) && count + 2 < max) {
            arguments[count++] = word;
            if (two_words) {
                arguments[count++] = options->settings[i + 1];
            }
        }
        i += two_words;
    }
    arguments[count] = NULL;
    return count;
}

const struct service_row *service_find(const char *name) {
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct service_row *service_missing(void) {
    char path[SESSION_PATH_MAX];
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        if (rows[i].needed && !service_binary(&rows[i], path, sizeof path)) {
            return &rows[i];
        }
    }
    return NULL;
}

uint32_t service_installed(const struct service_row *found[SERVICES_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        char path[SESSION_PATH_MAX];
        if (service_binary(&rows[i], path, sizeof path)) {
            found[count++] = &rows[i];
        }
    }
    return count;
}

int service_status(const struct session *session, const struct service_row *row, int timeout_ms, struct arena *arena,
                   struct wire_status_answer *answer, struct error *error) {
    return session_ask(session, row->control, "status", (struct text){0}, timeout_ms, shape_of(SHAPE_status_answer),
                       arena, answer, error);
}

int64_t service_metric(const struct wire_status_answer *answer, const char *name) {
    size_t length = strlen(name);
    const char *at = answer->metrics.data;
    const char *end = at + answer->metrics.length;
    while (at && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        if ((size_t)(line_end - at) > length && strncmp(at, name, length) == 0 &&
            (at[length] == '{' || at[length] == ' ')) {
            const char *space = line_end;
            while (space > at && space[-1] != ' ') {
                space--;
            }
            return strtoll(space, NULL, 10);
        }
        at = line_end + 1;
    }
    return 0;
}
