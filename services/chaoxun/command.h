/* Commands of `chaoxun`: each is one row with its help, its options and its function. */
#pragma once

#include <sysexits.h>

#include "services/chaoxun/options.h"

/* Exit statuses: 0 done; and */
enum {
    EXIT_REFUSED = 1,                  /* refused, failed, or something does not fit */
    EXIT_USAGE = 2,                    /* called wrongly */
    EXIT_UNREACHABLE = EX_UNAVAILABLE, /* 69: a service does not answer */
    EXIT_LATER = EX_TEMPFAIL           /* 75: try again */
};

struct command {
    const char *name;                 /* "submit", or of a group: "unit set" */
    const char *summary;              /* one line */
    const char *usage;                /* what follows the name: "[OPTION...] [FILE|-]" */
    const char *about;                /* paragraphs of --help; ends with a line's end */
    const struct option_row *options; /* NULL-named row at the end; NULL when there are none */
    uint32_t operands_min;
    uint32_t operands_max;
    int (*run)(const struct options *options); /* returns the exit status */
};

/* Every command, in the order of the help; NULL at the end. */
extern const struct command *const command_table[];

/* Finds and runs the command that argv names. Returns the exit status. */
int commands_main(int argc, char **argv);

/* Prints "chaoxun: ..." on standard error, in the language chosen, and returns the exit status that fits the code. */
int command_fail(const struct options *options, const struct error *error);

/* The same for a mistake in the call: EXIT_USAGE. */
int command_usage(const struct options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));
