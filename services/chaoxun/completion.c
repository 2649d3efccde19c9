/* chaoxun completion: what a shell offers when Tab is pressed, generated from the table of commands and the settings. */
#include <stdio.h>
#include <string.h>

#include "common/edge.h"
#include "common/setting.h"
#include "services/chaoxun/command.h"

/* What a value may be, as the script's functions say it: "file", "dir", "words ..." or "text". */
static void print_kind(const char *pattern, const char *word, const char *values) {
    bool file = strncmp(word, "FILE", 4) == 0;
    if (values) {
        printf("    %s) echo 'words %s' ;;\n", pattern, values);
    } else {
        printf("    %s) echo %s ;;\n", pattern, file ? "file" : strcmp(word, "DIR") == 0 ? "dir" : "text");
    }
}

static void print_option_kinds(void) {
    char pattern[120];
    printf("# What stands behind an option: $1 is the command, $2 the option; nothing behind a flag.\n"
           "_chaoxun_kind() {\n    case \"$1:$2\" in\n");
    for (const struct command *const *command = command_table; *command; command++) {
        for (const struct option_row *row = (*command)->options; row && row->name; row++) {
            snprintf(pattern, sizeof pattern, "'%s:--%s'", (*command)->name, row->name);
            if (row->kind != OPTION_FLAG) {
                print_kind(pattern, row->word, row->values);
            }
        }
    }
    print_kind("*:--lang", "", "zh en");
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        const struct setting_row *row = setting_row((enum setting)setting);
        static const char *const folders[] = {"data", "run", "keys", "web"};
        bool folder = false;
        for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
            folder = folder || strcmp(row->name, folders[i]) == 0;
        }
        bool file = strcmp(row->name, "config") == 0 || strstr(row->name, "-file");
        snprintf(pattern, sizeof pattern, "*:--%s", row->name);
        print_kind(pattern,
                   folder ? "DIR"
                   : file ? "FILE"
                          : "",
                   row->kind == SETTING_KIND_BOOL ? "true false"
                   : setting == SETTING_LOG_LEVEL ? "debug info warn error"
                                                  : NULL);
    }
    printf("    *:--endpoint.*) echo text ;;\n    esac\n}\n\n");
}

static void print_settings(void) {
    printf("_chaoxun_settings='--help --lang");
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        printf(" --%s", setting_row((enum setting)setting)->name);
    }
    for (int edge = 0; edge < EDGE_COUNT; edge++) {
        printf(" --endpoint.%s", edge_row((enum edge)edge)->name);
    }
    printf("'\n\n");
}

static void print_options(void) {
    printf("# The options of a command of its own, without the settings.\n_chaoxun_options() {\n    case \"$1\" in\n");
    for (const struct command *const *command = command_table; *command; command++) {
        printf("    '%s') echo '", (*command)->name);
        for (const struct option_row *row = (*command)->options; row && row->name; row++) {
            printf("%s--%s", row == (*command)->options ? "" : " ", row->name);
        }
        printf("' ;;\n");
    }
    printf("    esac\n}\n\n");
}

/* A command takes files as words when its usage says so. */
static void print_operands(void) {
    printf("# What the words of a command may be.\n_chaoxun_operand() {\n    case \"$1\" in\n");
    for (const struct command *const *command = command_table; *command; command++) {
        if (strstr((*command)->usage, "FILE")) {
            printf("    '%s') echo file ;;\n", (*command)->name);
        }
    }
    printf("    completion) echo 'words bash' ;;\n    esac\n}\n\n");
}

/* Is there an earlier command of the same group? */
static bool is_repeated(const struct command *const *command, size_t length) {
    for (const struct command *const *earlier = command_table; earlier < command; earlier++) {
        if (strncmp((*earlier)->name, (*command)->name, length) == 0 &&
            ((*earlier)->name[length] == ' ' || (*earlier)->name[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static void print_first_words(void) {
    printf("_chaoxun_words='");
    for (const struct command *const *command = command_table; *command; command++) {
        size_t length = strcspn((*command)->name, " ");
        if (!is_repeated(command, length)) {
            printf("%.*s ", (int)length, (*command)->name);
        }
    }
    printf("help --version'\n\n");
}

/* The second words of a group: "list set" of unit; none of a command alone. */
static void print_group(const struct command *const *first, size_t length) {
    const char *before = "";
    for (const struct command *const *row = first; *row; row++) {
        if (strncmp((*row)->name, (*first)->name, length) == 0 && (*row)->name[length] == ' ') {
            if (*before == '\0') {
                printf("    %.*s) echo '", (int)length, (*row)->name);
            }
            printf("%s%s", before, (*row)->name + length + 1);
            before = " ";
        }
    }
    if (*before != '\0') {
        printf("' ;;\n");
    }
}

static void print_second_words(void) {
    printf("_chaoxun_group() {\n    case \"$1\" in\n");
    for (const struct command *const *command = command_table; *command; command++) {
        size_t length = strcspn((*command)->name, " ");
        if (!is_repeated(command, length)) {
            print_group(command, length);
        }
    }
    printf("    esac\n}\n\n");
}

/* The one part that is the same for every table. "=" parts words in bash: --unit=x is three of them. */
static const char script[] =
    "_chaoxun_offer() {\n"
    "    case \"$1\" in\n"
    "    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$2\") ;;\n"
    "    dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$2\") ;;\n"
    "    words\\ *) mapfile -t COMPREPLY < <(compgen -W \"${1#words }\" -- \"$2\") ;;\n"
    "    esac\n"
    "}\n\n"
    "_chaoxun() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} at=2\n"
    "    local command=${COMP_WORDS[1]}\n"
    "    COMPREPLY=()\n"
    "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
    "        _chaoxun_offer \"words $_chaoxun_words\" \"$word\"\n"
    "        return\n"
    "    fi\n"
    "    if [[ $command == help ]]; then\n"
    "        at=3 command=${COMP_WORDS[2]}\n"
    "        [[ $COMP_CWORD -eq 2 ]] && _chaoxun_offer \"words $_chaoxun_words settings\" \"$word\"\n"
    "        [[ $COMP_CWORD -eq 3 ]] && _chaoxun_offer \"words $(_chaoxun_group \"$command\")\" \"$word\"\n"
    "        return\n"
    "    fi\n"
    "    if [[ -n $(_chaoxun_group \"$command\") ]]; then\n"
    "        if [[ $COMP_CWORD -eq 2 && $word != -* ]]; then\n"
    "            _chaoxun_offer \"words $(_chaoxun_group \"$command\")\" \"$word\"\n"
    "            return\n"
    "        fi\n"
    "        [[ \" $(_chaoxun_group \"$command\") \" == *\" ${COMP_WORDS[2]} \"* ]] && command+=\" ${COMP_WORDS[2]}\" "
    "at=3\n"
    "    fi\n"
    "    if [[ $word == = ]]; then\n"
    "        word=\n"
    "    elif [[ $option == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    local kind\n"
    "    kind=$([[ $COMP_CWORD -ge $at ]] && _chaoxun_kind \"$command\" \"$option\")\n"
    "    if [[ -n $kind ]]; then\n"
    "        _chaoxun_offer \"$kind\" \"$word\"\n"
    "    elif [[ $word == -* ]]; then\n"
    "        _chaoxun_offer \"words $(_chaoxun_options \"$command\") $_chaoxun_settings\" \"$word\"\n"
    "    else\n"
    "        _chaoxun_offer \"$(_chaoxun_operand \"$command\")\" \"$word\"\n"
    "    fi\n"
    "}\n\n"
    "complete -F _chaoxun chaoxun\n";

static int run_completion(const struct options *options) {
    if (strcmp(option_operand(options, 0), "bash") != 0) {
        return command_usage(options, "%.40s: only bash is served", option_operand(options, 0));
    }
    printf("# Completion of chaoxun in bash; made by: chaoxun completion bash\n\n");
    print_first_words();
    print_settings();
    print_second_words();
    print_options();
    print_option_kinds();
    print_operands();
    fputs(script, stdout);
    return 0;
}

const struct command command_completion = {
    .name = "completion",
    .summary = "a script that lets a shell complete commands, options and settings",
    .usage = "bash",
    .about = "Installed packages bring it along. Else, for the shell of the moment:\n"
             "  source <(chaoxun completion bash)\n"
             "or for good: chaoxun completion bash > ~/.local/share/bash-completion/completions/chaoxun\n",
    .operands_min = 1,
    .operands_max = 1,
    .run = run_completion,
};
