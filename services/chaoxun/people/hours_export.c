/* chaoxun hours export: our hours as a platform's list, and what went there is marked. */
#include <stdio.h>
#include <stdlib.h>

#include "common/export/sheet.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/people/credit_list.h"
#include "services/chaoxun/people/profile.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/receipts.h"

#define FILE_MODE 0600 /* it has names */
#define IDS_MAX 500    /* of one hours.transferred */

/* ---- the file ---- */

static void put_cell(struct sheet_row *out, const struct profile *profile, enum profile_column column,
                     const struct credit_row *row, const struct credit_person *person) {
    char text[ID_TEXT_SIZE];
    switch (column) {
    case PROFILE_PLATFORM:
        sheet_text(out, person->platform);
        break;
    case PROFILE_NUMBER:
        sheet_text(out, person->number);
        break;
    case PROFILE_NAME:
        sheet_text(out, person->name);
        break;
    case PROFILE_ACTIVITY:
        id_format(&row->activity, text);
        sheet_text(out, text_of(text));
        break;
    case PROFILE_DATE:
        day_format(row->date, text);
        sheet_text(out, text_of(text));
        break;
    case PROFILE_HOURS:
        sheet_thousandths(out, (int64_t)row->minutes * 1000 / 60);
        break;
    case PROFILE_MINUTES:
        sheet_integer(out, row->minutes);
        break;
    default:
        sheet_text(out, text_of(profile_word(profile, row->grade)));
    }
}

static void put_header(const struct profile *profile, struct buffer *out) {
    struct sheet_row row = {.out = out};
    for (uint32_t i = 0; i < profile->count; i++) {
        sheet_text(&row, text_of(profile->headers[profile->order[i]]));
    }
    sheet_end(&row);
}

static uint32_t put_rows(const struct profile *profile, const struct credit_list *list, struct buffer *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct sheet_row row = {.out = out};
        if (!credit_is_ours(list->rows[i].grade)) {
            continue;
        }
        for (uint32_t j = 0; j < profile->count; j++) {
            put_cell(&row, profile, profile->order[j], &list->rows[i], &list->people[list->rows[i].person]);
        }
        sheet_end(&row);
        count++;
    }
    return count;
}

static int write_list(const struct session *session, const struct profile *profile, const struct buffer *utf8,
                      struct error *error) {
    struct buffer bytes = {0};
    int result = 0;
    if (profile->gb18030) {
        result = sheet_to_gb18030((struct text){(const char *)utf8->data, (uint32_t)utf8->length}, &bytes, error);
    } else {
        buffer_append(&bytes, SHEET_BYTE_ORDER_MARK, strlen(SHEET_BYTE_ORDER_MARK));
        buffer_append(&bytes, utf8->data, utf8->length);
    }
    if (result == 0) {
        struct text content = {(const char *)bytes.data, (uint32_t)bytes.length};
        result = file_write(option_operand(session->options, 0), FILE_MODE, content, error);
    }
    buffer_free(&bytes);
    return result;
}

/* ---- marking ---- */

/* Rows of one hours.credited lie together; those of one unit go into one event. */
static int mark(const struct session *session, const struct profile *profile, const struct credit_list *list) {
    int status = 0;
    for (uint32_t first = 0; first < list->count && status == 0;) {
        struct id ids[IDS_MAX];
        union event_body body = {.hours_transfer = {.platform = text_of(profile->code), .hours = {ids, 0}}};
        struct list *hours = &body.hours_transfer.hours;
        uint32_t last = first;
        for (; last < list->count && strcmp(list->rows[last].unit, list->rows[first].unit) == 0; last++) {
            bool known = hours->count > 0 && id_equal(&ids[hours->count - 1], &list->rows[last].hours);
            if (!known && hours->count == IDS_MAX) {
                break;
            }
            if (!known && credit_is_ours(list->rows[last].grade)) {
                ids[hours->count++] = list->rows[last].hours;
            }
        }
        body.hours_transfer.present = shape_of(SHAPE_hours_transfer)->required_fields;
        struct event event = event_now(EVENT_HOURS_TRANSFERRED, text_of(list->rows[first].unit), &body);
        status = hours->count > 0 ? receipt_submit(session, &event) : 0;
        first = last;
    }
    return status;
}

/* ---- the command ---- */

static int export(const struct session *session, const struct profile *profile, struct credit_list *list,
                  struct error *error) {
    const struct options *options = session->options;
    struct wire_credits_query query = {0};
    struct buffer out = {0};
    int result = credit_list_options(options, &query, error);
    if (!option_given(options, "all")) {
        query.missing = text_of(profile->code);
        wire_set(&query.present, FIELD_credits_query_missing);
    }
    if (result == 0) {
        result = credit_list_read(list, session, &query, error);
    }
    if (result == 0) {
        put_header(profile, &out);
        uint32_t count = put_rows(profile, list, &out);
        result = out.failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                            : write_list(session, profile, &out, error);
        printf(language_pick(session->language, "%u rows\n", "%u 行\n"), count);
    }
    buffer_free(&out);
    return result;
}

static int run_export(const struct options *options) {
    if (!option_text(options, "profile")) {
        return command_usage(options, "--profile FILE.conf is needed");
    }
    struct session session = {0};
    struct profile profile;
    struct credit_list list = {0};
    struct error error;
    int result = profile_read(&profile, option_text(options, "profile"), &error);
    if (result == 0) {
        profile.gb18030 = profile.gb18030 || option_given(options, "gb18030");
        result = session_open(&session, options, NULL, NULL, &error);
    }
    if (result == 0) {
        result = export(&session, &profile, &list, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    if (result == 0 && option_given(options, "mark")) {
        status = mark(&session, &profile, &list);
    }
    credit_list_free(&list);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "profile", .kind = OPTION_TEXT, .word = "FILE", .prose = "the column profile (scripts/data/profiles/)"},
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it"},
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = "first day, 2026-01-01"},
    {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = "last day, included"},
    {.name = "all", .kind = OPTION_FLAG, .prose = "also what was transferred to this platform before"},
    {.name = "mark", .kind = OPTION_FLAG, .prose = "mark what was written as transferred"},
    {.name = "gb18030", .kind = OPTION_FLAG, .prose = "in GB18030, whatever the profile says"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = NULL},
};

const struct command command_hours_export = {
    .name = "hours export",
    .summary = "our hours as a platform's list (CSV by a column profile); mark what went there",
    .usage = "--profile FILE.conf [OPTION...] FILE.csv",
    .about = "Only what our squads recorded goes out (签到, 代签, 补录), not what a platform granted. The platform's "
             "code is the\n"
             "profile's name.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_export,
};
