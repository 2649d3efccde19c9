/* Robots out of their files. */
#include "services/notifier/channels/robots.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>

#include "common/key_file.h"
#include "proto/validate_text.h"

#define NAME_BYTES_MAX 32
#define LINE_SIZE 2048
#define KINDS 3

static const struct http_kind *const kinds[KINDS] = {&dingtalk_kind, &wecom_kind, &webhook_kind};

static int refuse(const char *directory, const char *name, const char *why, struct error *error) {
    char limit[200];
    snprintf(limit, sizeof limit, "a directory of robots (file %s: %s)", name, why);
    return provider_refuse(SETTING_ROBOTS, directory, limit, error);
}

static const struct http_kind *kind_of(const char *word) {
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(word, kinds[i]->name) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

/* Takes the line apart. What is wrong, or NULL. */
static const char *read_line(char *line, const struct http_kind **kind, struct account *account) {
    char *rest = line;
    const char *word = strsep(&rest, " ");
    *kind = kind_of(word);
    account->url = strsep(&rest, " ");
    if (!*kind || !account->url || !provider_is_url(account->url, "https", "http")) {
        return "not KIND ADDRESS [SECRET], KIND being dingtalk, wecom or webhook, ADDRESS https://...";
    }
    if (rest && strlen(rest) >= sizeof account->secret) {
        return "its secret is too long";
    }
    snprintf(account->secret, sizeof account->secret, "%s", rest ? rest : "");
    return NULL;
}

static int open_robot(const char *directory, const char *name, struct curl_loop *curl_loop, const struct config *config,
                      struct http_way **way, struct error *error) {
    char path[4400];
    char line[LINE_SIZE];
    struct account account = {.name = name};
    const struct http_kind *kind = NULL;
    if (!text_is_code(text_of(name)) || strlen(name) > NAME_BYTES_MAX) {
        return refuse(directory, name, "a robot's name is at most 32 of a-z 0-9 and inner '-' or '.'", error);
    }
    snprintf(path, sizeof path, "%s/%s", directory, name);
    const char *fault = key_file_line(path, true, line, sizeof line);
    fault = fault ? fault : read_line(line, &kind, &account);
    int result = fault ? refuse(directory, name, fault, error)
                       : http_way_open_robot(way, kind, curl_loop, config, &account, error);
    sodium_memzero(line, sizeof line);
    sodium_memzero(account.secret, sizeof account.secret);
    return result;
}

int robots_open(struct curl_loop *curl_loop, const struct config *config,
                int (*take)(void *data, struct http_way *way, struct error *error), void *data, struct error *error) {
    const char *directory = config_text(config, SETTING_ROBOTS);
    if (directory[0] == '\0') {
        return 0;
    }
    DIR *folder = opendir(directory);
    if (!folder) {
        return provider_refuse(SETTING_ROBOTS, directory, "a directory that can be read", error);
    }
    int result = 0;
    for (const struct dirent *entry; result == 0 && (entry = readdir(folder));) {
        struct http_way *way = NULL;
        if (entry->d_name[0] != '.') {
            result = open_robot(directory, entry->d_name, curl_loop, config, &way, error);
            result = result != 0 ? result : take(data, way, error);
        }
    }
    closedir(folder);
    return result;
}
