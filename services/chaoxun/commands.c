/* The table of commands, their help, and the way from argv to one of them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/config.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/language.h"
#include "services/chaoxun/nearest.h"
#include "services/chaoxun/trampoline.h"

#define COMMAND(name) extern const struct command command_##name;
#include "services/chaoxun/commands.def"
#undef COMMAND

const struct command *const command_table[] = {
#define COMMAND(name) &command_##name,
#include "services/chaoxun/commands.def"
#undef COMMAND
    NULL};

/* ---- faults ---- */

static int status_of(enum error_code code) {
    switch (code) {
    case ERR_USAGE:
    case ERR_UNKNOWN_SETTING:
    case ERR_BAD_SETTING:
        return EXIT_USAGE;
    case ERR_UNAVAILABLE:
        return EXIT_UNREACHABLE;
    case ERR_BUSY:
    case ERR_BEHIND:
    case ERR_NO_SPACE:
    case ERR_TIMED_OUT:
        return EXIT_LATER;
    default:
        return EXIT_REFUSED;
    }
}

int command_fail(const struct options *options, const struct error *error) {
    bool chinese = language_choose(options->lang) == LANGUAGE_ZH && error->text_zh[0] != '\0';
    fflush(stdout);
    fprintf(stderr, "chaoxun: %s\n", chinese ? error->text_zh : error->text);
    return status_of(error->code);
}

int command_usage(const struct options *options, const char *format, ...) {
    char text[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct error error;
    error_setf(&error, ERR_USAGE, "%s", text);
    return command_fail(options, &error);
}

/* ---- help ---- */

static void print_option(const struct option_row *row) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", row->name, row->kind == OPTION_FLAG ? "" : " ",
             row->kind == OPTION_FLAG ? "" : row->word);
    printf("  %-24s %s\n", left, row->prose);
}

static void print_help(const struct command *command) {
    printf("usage: chaoxun %s%s%s\n\n%s\n", command->name, *command->usage ? " " : "", command->usage, command->about);
    printf("Options:\n");
    for (const struct option_row *row = command->options; row && row->name; row++) {
        print_option(row);
    }
    print_option(&(struct option_row){.name = "lang",
                                      .kind = OPTION_TEXT,
                                      .word = "zh|en",
                                      .prose = "language of faults and tables (default: by CHAOXUN_LANG, LANG)"});
    print_option(&(struct option_row){.name = "data",
                                      .kind = OPTION_TEXT,
                                      .word = "DIR",
                                      .prose = "data directory (default: data; or CHAOXUN_DATA)"});
    print_option(&(struct option_row){.name = "help", .kind = OPTION_FLAG, .prose = "this text"});
    printf("  Any setting can be given as an option too: chaoxun help settings lists them.\n\n"
           "Exit status: 0 done, 1 refused or failed, 2 called wrongly, 69 a service does not answer, 75 try again.\n");
}

static int print_overview(void) {
    printf("usage: chaoxun COMMAND [OPTION...]\n\n"
           "潮讯 Chaoxun: a squad's report goes in once and stands in the office's live figures at once.\n\n"
           "Commands:\n");
    for (const struct command *const *row = command_table; *row; row++) {
        printf("  %-18s %s\n", (*row)->name, (*row)->summary);
    }
    printf("  %-18s %s\n  %-18s %s\n\n", "help [COMMAND]", "how to use a command; help settings lists the settings",
           "--version", "the version of this program");
    printf("chaoxun up starts everything on this machine. Exit status: 0 done, 1 refused or failed, 2 called wrongly,\n"
           "69 a service does not answer, 75 try again.\n");
    return 0;
}

/* ---- finding ---- */

/* How many words of argv name the command: 0, 1 or 2. */
static int words_named(const char *name, int argc, char **argv) {
    const char *space = strchr(name, ' ');
    if (!space) {
        return argc > 0 && strcmp(argv[0], name) == 0 ? 1 : 0;
    }
    size_t first = (size_t)(space - name);
    bool fits =
        argc > 1 && strlen(argv[0]) == first && strncmp(argv[0], name, first) == 0 && strcmp(argv[1], space + 1) == 0;
    return fits ? 2 : 0;
}

/* The command with the longest name that fits. */
static const struct command *find(int argc, char **argv, int *words) {
    const struct command *found = NULL;
    *words = 0;
    for (const struct command *const *row = command_table; *row; row++) {
        int named = words_named((*row)->name, argc, argv);
        if (named > *words) {
            *words = named;
            found = *row;
        }
    }
    return found;
}

/* The commands of a group ("unit"): true when there are any. */
static bool print_group(const char *group, FILE *out) {
    size_t length = strlen(group);
    bool any = false;
    for (const struct command *const *row = command_table; *row; row++) {
        if (strncmp((*row)->name, group, length) == 0 && (*row)->name[length] == ' ') {
            fprintf(out, "%schaoxun %s %s\n    %s\n", any ? "" : "usage:\n", (*row)->name, (*row)->usage,
                    (*row)->summary);
            any = true;
        }
    }
    return any;
}

#define COMMANDS_MAX 128 /* among which the nearest is sought */

static int refuse_unknown(const char *word) {
    const char *best = NULL;
    char groups[COMMANDS_MAX][24];
    uint32_t count = 0;
    for (const struct command *const *row = command_table; *row && count < COMMANDS_MAX; row++) {
        snprintf(groups[count], sizeof groups[count], "%.*s", (int)strcspn((*row)->name, " "), (*row)->name);
        nearest_consider(word, groups[count++], &best);
    }
    nearest_consider(word, "help", &best);
    fprintf(stderr, "chaoxun: there is no command %.60s", word);
    fprintf(stderr, best ? "; did you mean %s?\n" : "%s; chaoxun help lists them\n", best ? best : "");
    return EXIT_USAGE;
}

/* ---- running ---- */

static int run(const struct command *command, int argc, char **argv) {
    struct options options;
    struct error error;
    int status;
    if (options_parse(&options, command->options, argc, argv, &error) != 0) {
        status = command_fail(&options, &error);
    } else if (options.help) {
        print_help(command);
        status = 0;
    } else if (options.operand_count < command->operands_min || options.operand_count > command->operands_max) {
        status = command_usage(&options, "%s words behind chaoxun %s: it takes %s",
                               options.operand_count < command->operands_min ? "too few" : "too many", command->name,
                               *command->usage ? command->usage : "none");
    } else {
        status = command->run(&options);
    }
    options_free(&options);
    return status;
}

static int help(int argc, char **argv) {
    int words;
    const struct command *command = find(argc, argv, &words);
    if (argc == 0) {
        return print_overview();
    }
    if (strcmp(argv[0], "settings") == 0) {
        config_help(stdout, NULL);
        return 0;
    }
    if (command) {
        print_help(command);
        return 0;
    }
    return print_group(argv[0], stdout) ? 0 : refuse_unknown(argv[0]);
}

static bool is_word(const char *word, const char *one, const char *other) {
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

int commands_main(int argc, char **argv) {
    if (argc < 2) {
        print_overview();
        return EXIT_USAGE;
    }
    if (is_word(argv[1], "help", "--help") || strcmp(argv[1], "-h") == 0) {
        return help(argc - 2, argv + 2);
    }
    if (is_word(argv[1], "--version", "version")) {
        printf("chaoxun %s\n", CHAOXUN_VERSION);
        return 0;
    }
    if (strcmp(argv[1], TRAMPOLINE_WORD) == 0) {
        return trampoline_main(argc - 2, argv + 2);
    }
    int words;
    const struct command *command = find(argc - 1, argv + 1, &words);
    if (command) {
        return run(command, argc - 1 - words, argv + 1 + words);
    }
    bool asked = argc > 2 && is_word(argv[2], "--help", "-h");
    if (print_group(argv[1], asked ? stdout : stderr)) {
        return asked ? 0 : EXIT_USAGE;
    }
    return refuse_unknown(argv[1]);
}
