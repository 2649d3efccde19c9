/* chaoxun volunteer show: everything that is kept of one volunteer. */
#include <stdio.h>

#include "common/export/words.h"
#include "common/people/volunteer.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/query.h"

/* ---- asking: figures, then the name, then the texts ---- */

static int ask(const struct session *session, struct wire_volunteer_query *query, struct arena *arena,
               struct wire_volunteer_answer *answer, struct error *error) {
    struct wire_volunteers_answer person = {0};
    struct wire_remarks_answer remarks = {0};
    struct wire_remarks_query texts;
    int result = session_ask_shape(session, EDGE_TOTALS, "volunteer", ROSTER_ANSWER_MS, SHAPE_volunteer_query, query,
                                   SHAPE_volunteer_answer, arena, answer, error);
    if (result == 0) {
        struct wire_volunteers_query who = {.ids = {&query->id, 1}, .at_least = answer->as_of};
        wire_set(&who.present, FIELD_volunteers_query_ids);
        wire_set(&who.present, FIELD_volunteers_query_at_least);
        result = roster_ask(session, &who, arena, &person, error);
    }
    if (result != 0) {
        return result;
    }
    volunteer_take_person(answer, &person);
    if (!volunteer_remarks(answer, arena, &texts)) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    result = session_ask_shape(session, EDGE_RECORD, "remarks", ROSTER_ANSWER_MS, SHAPE_remarks_query, &texts,
                               SHAPE_remarks_answer, arena, &remarks, error);
    volunteer_take_remarks(answer, &remarks);
    return result;
}

/* ---- printing ---- */

static void print_text(const char *label, struct text text) {
    if (text.length > 0) {
        printf("%s: %.*s\n", label, (int)text.length, text.data);
    }
}

static void print_hours(const char *label, int64_t minutes) {
    char hours[ROSTER_HOURS_SIZE];
    roster_hours(minutes, hours);
    printf("%s: %s\n", label, hours);
}

static void print_person(const struct wire_volunteer_answer *answer, enum error_language language) {
    const struct wire_service_entry *units = answer->units.items;
    bool known = answer->number.length > 0;
    print_text(language_pick(language, "number", "编号"),
               known ? answer->number : text_of(language_pick(language, "(removed)", "（已删除）")));
    print_text(language_pick(language, "name", "姓名"), answer->name);
    print_text(language_pick(language, "phone", "电话"), answer->phone);
    print_text(language_pick(language, "platform number", "平台编号"), answer->platform);
    print_text(language_pick(language, "kind", "类别"), answer->kind);
    for (uint32_t i = 0; i < answer->units.count; i++) {
        char left[DATE_TEXT_SIZE] = "";
        bool gone = wire_has(units[i].present, FIELD_service_entry_left);
        if (gone) {
            day_format(units[i].left, left);
        }
        struct text name = units[i].name.length > 0 ? units[i].name : units[i].unit;
        printf("%s: %.*s%s%s\n", language_pick(language, "squad", "中队"), (int)name.length, name.data,
               gone ? language_pick(language, ", left ", "，退出日期 ") : "", left);
    }
}

static void print_sums(const struct wire_volunteer_answer *answer, enum error_language language) {
    static const struct wire_hours_row none;
    const struct wire_hours_row *sums = answer->sums.count == 1 ? answer->sums.items : &none;
    print_hours(language_pick(language, "hours", "服务小时"), sums->minutes);
    print_hours(language_pick(language, "  signed in and out", "  签到时长"), sums->signed_in);
    print_hours(language_pick(language, "  signed by the leader", "  代签时长"), sums->leader);
    print_hours(language_pick(language, "  entered afterwards", "  补录时长"), sums->entered);
    print_hours(language_pick(language, "another platform's, credit (in no sum)", "信用时数（另计）"), sums->credit);
    print_hours(language_pick(language, "another platform's, honour (in no sum)", "荣誉时数（另计）"), sums->honour);
    printf("%s: %lld\n", language_pick(language, "attendances", "参与人次"), (long long)sums->attendances);
    printf(
        language_pick(language, "stars: enough for %lld, granted %lld\n", "星级：时长已达 %lld 星，已授予 %lld 星\n"),
        (long long)answer->star, (long long)answer->star_granted);
}

static void add_versions(struct grid *grid, const struct wire_hours_entry *hours, int64_t offset) {
    const struct wire_hours_version *versions = hours->versions.items;
    struct buffer text = {0};
    for (uint32_t i = 0; i + 1 < hours->versions.count; i++) {
        char line[160];
        char before[ROSTER_HOURS_SIZE];
        char after[ROSTER_HOURS_SIZE];
        char when[MOMENT_TEXT_SIZE];
        roster_hours(versions[i].minutes, before);
        roster_hours(versions[i + 1].minutes, after);
        moment_format(versions[i + 1].received_at, offset, when);
        int length = snprintf(line, sizeof line, "%s%s → %s (%s%s%.*s) ", i > 0 ? "； " : "", before, after, when,
                              versions[i + 1].by.length > 0 ? " " : "", (int)versions[i + 1].by.length,
                              versions[i + 1].by.data ? versions[i + 1].by.data : "");
        buffer_append(&text, line, (size_t)length);
        buffer_append(&text, versions[i + 1].reason.data, versions[i + 1].reason.length);
    }
    grid_cell(grid, (struct text){(const char *)text.data, (uint32_t)text.length});
    buffer_free(&text);
}

static void add_hours(struct grid *grid, const struct wire_hours_entry *hours, enum error_language language,
                      int64_t offset) {
    const struct text *programmes = hours->programmes.items;
    char date[DATE_TEXT_SIZE];
    char value[ROSTER_HOURS_SIZE];
    char start[8] = "";
    day_format(hours->date, date);
    roster_hours(hours->minutes, value);
    if (wire_has(hours->present, FIELD_hours_entry_start)) {
        snprintf(start, sizeof start, "%02u:%02u", (unsigned)hours->start / 60 % 24, (unsigned)hours->start % 60);
    }
    struct text programme = hours->programmes.count > 0 ? programmes[0] : (struct text){0};
    grid_cell(grid, text_of(date));
    grid_cell(grid, text_of(start));
    grid_cell(grid, hours->name.length > 0 ? hours->name : hours->unit);
    grid_cell(grid, language == LANGUAGE_ZH ? words_programme(programme) : programme);
    grid_cell(grid, text_of(value));
    grid_cell(grid, text_of(language == LANGUAGE_ZH ? word_chinese(KIND_GRADE, hours->grade)
                                                    : word_wire(KIND_GRADE, hours->grade)));
    add_versions(grid, hours, offset);
}

static int print_table(const struct wire_volunteer_answer *answer, enum error_language language, int64_t offset,
                       struct error *error) {
    const struct wire_hours_entry *hours = answer->hours.items;
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    grid_column(grid, language_pick(language, "date", "日期"), GRID_LEFT);
    grid_column(grid, language_pick(language, "start", "开始"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "programme", "项目"), GRID_LEFT);
    grid_column(grid, language_pick(language, "hours", "小时"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "grade", "来源"), GRID_LEFT);
    grid_column(grid, language_pick(language, "corrections", "更正"), GRID_LEFT);
    for (uint32_t i = 0; i < answer->hours.count; i++) {
        add_hours(grid, &hours[i], language, offset);
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static void print_rest(const struct wire_volunteer_answer *answer, enum error_language language) {
    const struct wire_overlap *overlaps = answer->overlaps.items;
    const struct wire_objection_entry *objections = answer->objections.items;
    const struct wire_award_entry *awards = answer->awards.items;
    for (uint32_t i = 0; i < answer->overlaps.count; i++) {
        char date[DATE_TEXT_SIZE];
        day_format(overlaps[i].date, date);
        printf(overlaps[i].whole_day
                   ? language_pick(language, "%s: %lld minutes more than a day has\n",
                                   "%s：当日时长超过 24 小时 %lld 分钟\n")
                   : language_pick(language, "%s: %lld minutes are credited twice\n", "%s：重叠 %lld 分钟\n"),
               date, (long long)overlaps[i].minutes);
    }
    for (uint32_t i = 0; i < answer->objections.count; i++) {
        print_text(language_pick(language, "objection", "异议"), objections[i].text);
        print_text(language_pick(language, "  state", "  状态"), objections[i].state);
        print_text(language_pick(language, "  answer", "  答复"), objections[i].answer_text);
    }
    for (uint32_t i = 0; i < answer->awards.count; i++) {
        print_text(language_pick(language, "award", "授予"), awards[i].award);
    }
    printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)answer->as_of.length, answer->as_of.data);
}

static int print(const struct session *session, const struct wire_volunteer_answer *answer, struct error *error) {
    if (option_given(session->options, "json")) {
        document_print(shape_of(SHAPE_volunteer_answer), answer);
        return 0;
    }
    print_person(answer, session->language);
    print_sums(answer, session->language);
    int result = print_table(answer, session->language, session_utc_offset(session), error);
    print_rest(answer, session->language);
    return result;
}

static int read_options(const struct options *options, struct wire_volunteer_query *query, struct error *error) {
    int result = query_day(options, "from", &query->from, &query->present, FIELD_volunteer_query_from, error);
    if (result == 0) {
        result = query_day(options, "to", &query->to, &query->present, FIELD_volunteer_query_to, error);
    }
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_volunteer_query_at_least);
    wire_set(&query->present, FIELD_volunteer_query_id);
    return result;
}

static int run_show(const struct options *options) {
    struct session session = {0};
    struct wire_volunteer_query query = {0};
    struct wire_volunteer_answer answer = {0};
    struct error error;
    struct arena *arena = arena_create(ROSTER_ARENA_BYTES);
    int result =
        arena ? read_options(options, &query, &error) : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = session_open(&session, options, NULL, NULL, &error);
    }
    if (result == 0) {
        result = roster_find(&session, option_operand(options, 0), arena, &query.id, &error);
    }
    if (result == 0) {
        result = ask(&session, &query, arena, &answer, &error);
    }
    if (result == 0) {
        result = print(&session, &answer, &error);
    }
    arena_destroy(&arena);
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = "list only hours from this day on"},
    {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = "list only hours up to this day"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = NULL},
};

const struct command command_volunteer_show = {
    .name = "volunteer show",
    .summary = "one volunteer: hours with their corrections, overlaps, stars, objections",
    .usage = "NUMBER|ID [OPTION...]",
    .about =
        "Hours that another platform granted (信用, 荣誉) stand beside and are in no sum. A star that the hours are\n"
        "enough for is granted by a person, as the event award.granted.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};
