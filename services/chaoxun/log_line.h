/* Lines of the log: cutting a byte stream into them, and the short form that a person reads on the terminal. Pure. */
#pragma once

#include "common/log.h"
#include "proto/types.h"

#define LOG_LINE_MAX 4096 /* longer lines are cut into several */

/* Bytes of a stream that are no whole line yet. Zero-initialise. */
struct line_splitter {
    char bytes[LOG_LINE_MAX];
    uint32_t length;
};

/* Calls `take` for each line (without its end) that is whole with these bytes. */
void line_split(struct line_splitter *splitter, const char *bytes, size_t length,
                void (*take)(void *data, struct text line), void *data);
/* The rest at the end of the stream, if any. */
void line_split_end(struct line_splitter *splitter, void (*take)(void *data, struct text line), void *data);

/* Level of a logfmt line; a line of another form (a crash report) counts as LOG_LEVEL_ERROR. */
enum log_level log_line_level(struct text line);

/* "intake: message key=value", from a logfmt line of `service`; other lines whole behind the service's name. Returns
 * the length, at most `size` - 1. */
size_t log_line_shorten(struct text line, const char *service, char *out, size_t size);
