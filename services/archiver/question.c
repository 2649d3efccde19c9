/* Reading questions for reports: each part is checked and what is wrong is named. */
#include "services/archiver/question.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/request.h"
#include "proto/programme.h"
#include "services/archiver/words.h"

static bool given(const struct question *question, unsigned field) {
    return wire_has(question->query.present, field);
}

static int bad_query(const char *field, const char *value, const char *limit, struct error *error) {
    return error_set(error, ERR_BAD_QUERY, (struct error_words){.field = field, .value = value, .limit = limit});
}

static int read_units(struct question *question, struct error *error) {
    (void)error;
    question->filter.within = question->query.within;
    question->filter.unit = question->query.unit;
    return 0;
}

static int read_programme(struct question *question, struct error *error) {
    question->filter.programme = RECORD_ANY;
    if (!given(question, FIELD_record_query_programme)) {
        return 0;
    }
    question->filter.programme = programme_find(question->query.programme);
    if (question->filter.programme >= 0) {
        return 0;
    }
    char value[40];
    snprintf(value, sizeof value, "%.*s", (int)question->query.programme.length, question->query.programme.data);
    return error_set(error, ERR_UNKNOWN_PROGRAMME, (struct error_words){.field = "programme", .value = value});
}

static int read_days(struct question *question, struct error *error) {
    struct record_filter *filter = &question->filter;
    bool begins = given(question, FIELD_record_query_from);
    bool ends = given(question, FIELD_record_query_to);
    filter->dated = begins || ends;
    filter->from = begins ? question->query.from : INT32_MIN;
    filter->to = ends ? question->query.to : INT32_MAX;
    if (filter->from <= filter->to) {
        return 0;
    }
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char limit[40];
    day_format(filter->from, from);
    day_format(filter->to, to);
    snprintf(limit, sizeof limit, "a day up to %s", to);
    return bad_query("from", from, limit, error);
}

/* Text is searched for those only who may read all of it. */
static int read_text(struct question *question, struct error *error) {
    if (!given(question, FIELD_record_query_text)) {
        return 0;
    }
    if (!question->side) {
        return error_set(
            error, ERR_NO_RIGHT,
            (struct error_words){.value = word_wire(KIND_ROLE, ROLE_HEAD), .limit = word_wire(KIND_ROLE, ROLE_SIDE)});
    }
    uint32_t words = words_of_question(question->query.text, &question->words);
    if (question->words.failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (words == 0) {
        return bad_query("text", "a blank", "words separated by spaces", error);
    }
    question->filter.words = (struct text){(const char *)question->words.data, (uint32_t)question->words.length};
    return 0;
}

static int read_references(struct question *question, struct error *error) {
    (void)error;
    question->filter.number = question->query.number;
    if (given(question, FIELD_record_query_activity)) {
        question->filter.activity = &question->query.activity;
    }
    return 0;
}

static int read_attendances(struct question *question, struct error *error) {
    struct record_filter *filter = &question->filter;
    bool least = given(question, FIELD_record_query_attendances_from);
    bool most = given(question, FIELD_record_query_attendances_to);
    filter->attendances_from = least ? question->query.attendances_from : RECORD_ANY;
    filter->attendances_to = most ? question->query.attendances_to : RECORD_ANY;
    if (!least || !most || filter->attendances_from <= filter->attendances_to) {
        return 0;
    }
    char value[24];
    char limit[40];
    snprintf(value, sizeof value, "%" PRId64, filter->attendances_from);
    snprintf(limit, sizeof limit, "a number up to %" PRId64, filter->attendances_to);
    return bad_query("attendances_from", value, limit, error);
}

int question_read(struct question *question, struct text payload, const uint8_t key[BOOKMARK_KEY_BYTES],
                  struct arena *arena, struct error *error) {
    static int (*const parts[])(struct question *, struct error *) = {read_units, read_programme,  read_days,
                                                                      read_text,  read_references, read_attendances};
    struct buffer words = question->words;
    buffer_clear(&words);
    *question = (struct question){.words = words};
    int result = payload_read(SHAPE_record_query, payload, arena, &question->query, error);
    question->side = question->query.side;
    question->filter.withdrawn = question->query.withdrawn;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && result == 0; i++) {
        result = parts[i](question, error);
    }
    bool limited = given(question, FIELD_record_query_limit);
    question->page.limit = limited ? (uint32_t)question->query.limit : QUESTION_LIMIT_DEFAULT;
    question->resumed = given(question, FIELD_record_query_cursor);
    if (result == 0 && question->resumed) {
        result = bookmark_read(&question->bookmark, &question->query, key, error);
        question->page.at = question->bookmark.position.seq;
        question->page.before = question->bookmark.before;
    }
    return result;
}

void question_free(struct question *question) {
    buffer_free(&question->words);
}

int question_position(const struct question *question, struct position *position, struct error *error) {
    *position = (struct position){0};
    int result = 0;
    if (given(question, FIELD_record_query_at_least)) {
        result = position_parse(question->query.at_least, position, error);
    }
    if (result == 0 && question->bookmark.position.seq > position->seq) {
        *position = question->bookmark.position;
    }
    return result;
}

int question_read_one(struct wire_report_query *query, struct text payload, struct arena *arena, struct error *error) {
    return payload_read(SHAPE_report_query, payload, arena, query, error);
}
