/* The log: one line per event on standard error, in logfmt (time level service message key=value ...).
 *
 * Never a secret, never side data: callers log codes, counts, positions and ids. A line is at most 1,000 bytes, is
 * written with one write(2) and contains no control characters. `chaoxun up` gathers the lines of all services.
 */
#pragma once

#include "common/error.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log {
    const char *service; /* borrowed */
    enum log_level least;
    int descriptor; /* 2 by default */
};

/* `format` gives message and pairs: log_write(log, LOG_LEVEL_INFO, "committed", "seq=%llu", ...). `format` may be "". */
void log_write(const struct log *log, enum log_level level, const char *message, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with code=<wire code> error="<text>", escaped. */
void log_error(const struct log *log, enum log_level level, const char *message, const struct error *error);

int log_level_parse(const char *word); /* -1 when unknown */
