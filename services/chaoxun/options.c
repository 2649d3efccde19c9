/* Options: sorts the words of a command line into options, settings and operands. */
#include "services/chaoxun/options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/edge.h"
#include "common/setting.h"
#include "services/chaoxun/nearest.h"

#define NAME_MAX_BYTES 80

static bool is_setting(const char *name) {
    static const char prefix[] = "endpoint.";
    size_t length = sizeof prefix - 1;
    return setting_find(text_of(name)) >= 0 ||
           (strncmp(name, prefix, length) == 0 && edge_find(text_of(name + length)) >= 0);
}

static int row_find(const struct option_row *rows, const char *name) {
    for (int row = 0; rows && rows[row].name; row++) {
        if (strcmp(rows[row].name, name) == 0) {
            assert(row < OPTIONS_MAX);
            return row;
        }
    }
    return -1;
}

static int refuse_unknown(const struct option_row *rows, const char *name, struct error *error) {
    const char *best = NULL;
    for (const struct option_row *row = rows; row && row->name; row++) {
        nearest_consider(name, row->name, &best);
    }
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        nearest_consider(name, setting_row((enum setting)setting)->name, &best);
    }
    if (best) {
        return error_setf(error, ERR_USAGE, "there is no option --%s; --%s is near", name, best);
    }
    return error_setf(error, ERR_USAGE, "there is no option --%s", name);
}

static int check_int(const struct option_row *row, const char *value, struct error *error) {
    char *end = NULL;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || number < row->min || number > row->max) {
        return error_setf(error, ERR_USAGE, "--%s: %.60s is not a whole number from %lld to %lld", row->name, value,
                          (long long)row->min, (long long)row->max);
    }
    return 0;
}

/* The words that are still to be read. */
struct words {
    int count;
    char **next;
};

/* The value of an option: behind its '=', or the next word. */
static int take_value(struct words *words, const char *name, const char *inside, const char **value,
                      struct error *error) {
    if (inside) {
        *value = inside;
        return 0;
    }
    if (words->count == 0 || strncmp(*words->next, "--", 2) == 0) {
        return error_setf(error, ERR_USAGE, "--%s needs a value", name);
    }
    *value = *words->next++;
    words->count--;
    return 0;
}

/* Joins a further value of a list to those before. */
static int join(struct options *options, int index, const char *before, struct error *error) {
    char *joined = NULL;
    if (asprintf(&joined, "%s,%s", before, options->values[index]) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    free(options->joined[index]);
    options->joined[index] = joined;
    options->values[index] = joined;
    return 0;
}

static int take_row(struct options *options, struct words *words, int index, const char *inside, struct error *error) {
    const struct option_row *row = &options->rows[index];
    if (row->kind == OPTION_FLAG) {
        if (inside) {
            return error_setf(error, ERR_USAGE, "--%s takes no value", row->name);
        }
        options->values[index] = "";
        return 0;
    }
    const char *before = options->values[index];
    int result = take_value(words, row->name, inside, &options->values[index], error);
    if (result == 0 && row->kind == OPTION_INT) {
        result = check_int(row, options->values[index], error);
    }
    if (result == 0 && row->kind == OPTION_LIST && before) {
        result = join(options, index, before, error);
    }
    return result;
}

static int take_setting(struct options *options, struct words *words, char *word, const char *name, const char *inside,
                        struct error *error) {
    const char *value = NULL;
    options->settings[options->setting_count++] = word;
    int result = take_value(words, name, inside, &value, error);
    if (result == 0 && !inside) {
        options->settings[options->setting_count++] = words->next[-1];
    }
    return result;
}

static int take_option(struct options *options, struct words *words, char *word, struct error *error) {
    char name[NAME_MAX_BYTES];
    size_t length = strcspn(word + 2, "=");
    if (length >= sizeof name) {
        return error_setf(error, ERR_USAGE, "there is no option %.60s", word);
    }
    memcpy(name, word + 2, length);
    name[length] = '\0';
    const char *inside = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
    int row = row_find(options->rows, name);
    if (row >= 0) {
        return take_row(options, words, row, inside, error);
    }
    if (strcmp(name, "help") == 0) {
        options->help = true;
        return 0;
    }
    if (strcmp(name, "lang") == 0) {
        return take_value(words, name, inside, &options->lang, error);
    }
    return is_setting(name) ? take_setting(options, words, word, name, inside, error)
                            : refuse_unknown(options->rows, name, error);
}

static int take_word(struct options *options, struct words *words, bool *only_operands, struct error *error) {
    char *word = *words->next++;
    words->count--;
    if (*only_operands || word[0] != '-' || word[1] == '\0') {
        options->operands[options->operand_count++] = word;
        return 0;
    }
    if (strcmp(word, "--") == 0) {
        *only_operands = true;
        return 0;
    }
    if (strcmp(word, "-h") == 0) {
        options->help = true;
        return 0;
    }
    return word[1] == '-' ? take_option(options, words, word, error)
                          : error_setf(error, ERR_USAGE, "there is no option %.60s", word);
}

int options_parse(struct options *options, const struct option_row *rows, int argc, char **argv, struct error *error) {
    static char program[] = "chaoxun";
    *options = (struct options){.rows = rows};
    options->operands = calloc((size_t)argc + 1, sizeof(char *));
    options->settings = calloc((size_t)argc + 2, sizeof(char *));
    if (!options->operands || !options->settings) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    options->settings[options->setting_count++] = program;
    struct words words = {argc, argv};
    bool only_operands = false;
    int result = 0;
    while (words.count > 0 && result == 0) {
        result = take_word(options, &words, &only_operands, error);
    }
    return result;
}

void options_free(struct options *options) {
    for (int row = 0; row < OPTIONS_MAX; row++) {
        free(options->joined[row]);
    }
    free(options->operands);
    free(options->settings);
    *options = (struct options){0};
}

const char *option_text(const struct options *options, const char *name) {
    int row = row_find(options->rows, name);
    assert(row >= 0);
    return options->values[row];
}

bool option_given(const struct options *options, const char *name) {
    return option_text(options, name) != NULL;
}

int64_t option_int(const struct options *options, const char *name, int64_t otherwise) {
    const char *value = option_text(options, name);
    return value ? strtoll(value, NULL, 10) : otherwise;
}

const char *option_operand(const struct options *options, uint32_t index) {
    return index < options->operand_count ? options->operands[index] : NULL;
}
