/* Drafts: a report written as a message ("清洁家园 今天上午 河西社区 20人 3小时 清理牛皮癣200处") as the event that a form
 * would give, for a person to confirm.
 *
 * Read from left to right: programmes, squad, days, hours, headcount, places, measures, problems found, and what a label
 * names by a header of the importer (地点：…). Each field comes with the words that it was read from. Words that are not
 * understood, or that could mean two things (共3小时: of one or of all?), are listed as such and fill nothing. The whole
 * text becomes the report's narrative. Values are read by the importer's own readers (common/import/).
 *
 * Days without a year are the last such day up to `today`; 今天, 昨天 and 上周三 are counted from it. Minutes that follow
 * from headcount and length are worked out as the importer does, and a warning says so.
 *
 * Pure: no clock, no file. A text of the same unit and days gives the same id.
 */
#pragma once

#include "common/import/import.h"
#include "proto/json.h"

#define DRAFT_BYTES_MAX 6000
#define DRAFT_PIECES_MAX 80

struct draft_options {
    int32_t today;            /* in China */
    const char *default_unit; /* when the text names no squad; may be NULL */
    import_unit unit;
    void *data;
    struct text by; /* actor's number; may be empty */
};

/* Words of the text: a view of it. */
struct draft_piece {
    const char *field; /* of a report, or "unit" */
    struct text words;
};

struct draft {
    struct event event; /* report.submitted; in the arena, texts are views of the input */
    struct draft_piece understood[DRAFT_PIECES_MAX];
    uint32_t understood_count;
    struct text unknown[DRAFT_PIECES_MAX];
    uint32_t unknown_count;
    struct faults faults; /* what intake would refuse; the field is the importer's header */
    uint32_t warnings;
    char warning[4][200];
};

/* The header that people know a field by: 地点. */
const char *draft_header(const char *field);

/* -ERR_BAD_FORMAT when it is no UTF-8, -ERR_MISSING when there is nothing, -ERR_TOO_LONG, -ERR_TOO_MANY pieces,
 * -ERR_NO_MEMORY. `text` outlives the draft. */
int draft_read(struct text text, const struct draft_options *options, struct arena *arena, struct draft *draft,
               struct error *error);

/* What people paste or pipe, as UTF-8: without a byte order mark, GB18030 converted. -ERR_BAD_FORMAT when it is neither. */
int draft_text(struct text bytes, struct arena *arena, struct text *text, struct error *error);

/* {"event": …, "draft": a draft_answer}: a new reference, NULL without memory. */
json_t *draft_document(const struct draft *draft, struct arena *arena);
