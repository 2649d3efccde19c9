/* Options of a command line: --name value, --name=value, flags, settings and operands, by a table.
 *
 * A LIST may be given again; its values are joined by commas.
 * Settings (settings.def and --endpoint.<edge>) are accepted by every command and handed on to config_load. "--" ends
 * the options; "-" is an operand. Values live as long as the options and argv.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INT, OPTION_LIST };

struct option_row {
    const char *name; /* without the dashes; NULL ends a table */
    enum option_kind kind;
    const char *word; /* stands for the value in --help: "FILE" */
    const char *prose;
    const char *values; /* with spaces between, for completion; NULL when they are open */
    int64_t min;        /* of an INT */
    int64_t max;
};

#define OPTIONS_MAX 32

struct options {
    const struct option_row *rows;
    const char *values[OPTIONS_MAX]; /* by row; NULL when not given; "" for a flag */
    char *joined[OPTIONS_MAX];       /* by row: a LIST that was given again; owned */
    const char *lang;                /* --lang, which every command has */
    char **operands;                 /* NULL-terminated */
    uint32_t operand_count;
    char **settings; /* as config_load takes them: settings[0] is a program name */
    uint32_t setting_count;
    bool help;
};

/* Reads argv[0..argc-1] (without program and command). -ERR_USAGE names what is wrong, with the option that was
 * probably meant. */
int options_parse(struct options *options, const struct option_row *rows, int argc, char **argv, struct error *error);
void options_free(struct options *options);

/* The value, or NULL. `name` must be a row's. */
const char *option_text(const struct options *options, const char *name);
bool option_given(const struct options *options, const char *name);
int64_t option_int(const struct options *options, const char *name, int64_t otherwise);

/* The operand, or NULL when there are fewer. */
const char *option_operand(const struct options *options, uint32_t index);
