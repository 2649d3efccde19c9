/* Reading the parameters of a question about reports. */
#include "services/portal/record_query.h"

#include "proto/validate.h"
#include "services/portal/parameters.h"
#include "services/portal/problem.h"

#define EXTRA_MAX 4

bool reader_sees_side(enum role role) {
    return role != ROLE_GUIDE;
}

/* `q` is what people and forms call the text. */
static int read_words(const struct target *target, struct wire_record_query *query, struct error *error) {
    const struct field *field = &shape_of(SHAPE_record_query)->fields[FIELD_record_query_text];
    struct text words = target_value(target, "q");
    struct field_path path = {.name = text_of("q")};
    struct faults faults = {0};
    if (words.length == 0) {
        return 0;
    }
    if (wire_has(query->present, FIELD_record_query_text)) {
        return problem_error(error, ERR_BAD_QUERY, "q", "the only one of q and text", words);
    }
    if (!validate_field(field, &words, &path, &faults)) {
        return faults_to_error(&faults, error);
    }
    query->text = words;
    wire_set(&query->present, FIELD_record_query_text);
    return 0;
}

static int check_ranges(const struct target *target, const struct wire_record_query *query, struct error *error) {
    uint64_t present = query->present;
    bool days = wire_has(present, FIELD_record_query_from) && wire_has(present, FIELD_record_query_to);
    bool counts =
        wire_has(present, FIELD_record_query_attendances_from) && wire_has(present, FIELD_record_query_attendances_to);
    if (days && query->from > query->to) {
        return problem_error(error, ERR_BAD_QUERY, "to", "on or after from", target_value(target, "to"));
    }
    if (counts && query->attendances_from > query->attendances_to) {
        return problem_error(error, ERR_BAD_QUERY, "attendances_to", "at least attendances_from",
                             target_value(target, "attendances_to"));
    }
    return 0;
}

static int check_right(const struct reader *reader, const struct wire_record_query *query, struct error *error) {
    if (reader_sees_side(reader->role) || !wire_has(query->present, FIELD_record_query_text)) {
        return 0;
    }
    return error_set(error, ERR_NO_RIGHT,
                     (struct error_words){.value = word_chinese(KIND_ROLE, (int)reader->role),
                                          .limit = "中队或办公室的账号，才能查找文字内容；请去掉查找的文字"});
}

int record_query_read(const struct target *target, const struct reader *reader, const char *const *extra,
                      struct wire_record_query *query, struct error *error) {
    const char *others[EXTRA_MAX + 2] = {"q"};
    for (unsigned i = 0; i < EXTRA_MAX && extra[i]; i++) {
        others[i + 1] = extra[i];
    }
    int result = parameters_read(target, shape_of(SHAPE_record_query), others, query, error);
    if (result < 0 || (result = read_words(target, query, error)) < 0 ||
        (result = check_ranges(target, query, error)) < 0 || (result = check_right(reader, query, error)) < 0) {
        return result;
    }
    query->side = reader_sees_side(reader->role);
    query->within = text_of(reader->unit);
    wire_set(&query->present, FIELD_record_query_side);
    wire_set(&query->present, FIELD_record_query_within);
    return 0;
}
