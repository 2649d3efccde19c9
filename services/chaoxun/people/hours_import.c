/* chaoxun hours import: a platform's list of hours, or a squad's own, to hours.credited. */
#include <stdio.h>
#include <stdlib.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/people/platform_list.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/receipts.h"

#define CREDITS_MAX 500 /* of one hours.credited */
#define DAY_MS INT64_C(86400000)
#define CHINA_MS INT64_C(28800000)
#define PATIENCE_MS 60000
#define WINDOW 8

struct job {
    const struct session *session;
    struct platform_list list;
    struct id *activities; /* by row */
    uint32_t *order;       /* good rows: by activity, day, ordinal among the volunteer's, row */
    uint32_t *ordinals;
    uint32_t good;
    struct sender *sender;
    uint32_t events;
    uint32_t stored;
    uint32_t duplicates;
    uint32_t refused;
};

/* ---- activities ---- */

/* By id, else the report of the unit with this 编号. */
static int find_activity(const struct job *job, struct text text, struct arena *arena, struct id *id,
                         struct error *error) {
    struct wire_record_query query = {.number = text, .limit = 2};
    struct wire_record_answer answer;
    if (text.length > 31 && id_parse(text, id)) {
        return 0;
    }
    if (text.length == 0 || text.length > 40) {
        return 0;
    }
    query.unit = text_of(option_text(job->session->options, "unit"));
    wire_set(&query.present, FIELD_record_query_number);
    wire_set(&query.present, FIELD_record_query_unit);
    wire_set(&query.present, FIELD_record_query_limit);
    arena_reset(arena);
    int result = session_ask_shape(job->session, EDGE_RECORD, "reports", ROSTER_ANSWER_MS, SHAPE_record_query, &query,
                                   SHAPE_record_answer, arena, &answer, error);
    if (result == 0 && answer.rows.count == 1) {
        *id = ((const struct wire_record_entry *)answer.rows.items)->id;
    }
    return result;
}

static int find_activities(struct job *job, struct arena *arena, struct error *error) {
    const char *one = option_text(job->session->options, "activity");
    int result = 0;
    for (uint32_t i = 0; i < job->list.count && result == 0; i++) {
        struct list_row *row = &job->list.rows[i];
        struct text text = one ? text_of(one) : row->activity;
        bool known = i > 0 && (one || text_equal(text, job->list.rows[i - 1].activity));
        if (known) {
            job->activities[i] = job->activities[i - 1];
        } else {
            result = find_activity(job, text, arena, &job->activities[i], error);
        }
        if (id_is_zero(&job->activities[i]) && !row->fault) {
            row->fault = "没有此活动：请填系统编号或上报记录的编号，或用 --activity";
            row->fault_header = "活动";
            job->list.faults++;
        }
    }
    return result;
}

/* ---- events ---- */

static int compare(const void *a, const void *b, void *data) {
    const struct job *job = data;
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    const struct list_row *row = &job->list.rows[first];
    const struct list_row *other = &job->list.rows[second];
    int result = memcmp(job->activities[first].bytes, job->activities[second].bytes, ID_BYTES);
    if (result == 0) {
        result = (row->date > other->date) - (row->date < other->date);
    }
    if (result == 0) {
        result = (job->ordinals[first] > job->ordinals[second]) - (job->ordinals[first] < job->ordinals[second]);
    }
    return result != 0 ? result : (first > second) - (first < second);
}

/* The same volunteer again, at the same activity on the same day, goes into another event: each stands once in one. */
static void number_rows(struct job *job) {
    for (uint32_t i = 0; i < job->list.count; i++) {
        const struct list_row *row = &job->list.rows[i];
        for (uint32_t j = 0; j < i && !row->fault; j++) {
            const struct list_row *before = &job->list.rows[j];
            job->ordinals[i] += !before->fault && before->date == row->date &&
                                id_equal(&before->volunteer, &row->volunteer) &&
                                id_equal(&job->activities[j], &job->activities[i]);
        }
        if (!row->fault) {
            job->order[job->good++] = i;
        }
    }
    qsort_r(job->order, job->good, sizeof *job->order, compare, job);
}

static bool same_event(const struct job *job, uint32_t a, uint32_t b) {
    return id_equal(&job->activities[a], &job->activities[b]) && job->list.rows[a].date == job->list.rows[b].date &&
           job->ordinals[a] == job->ordinals[b];
}

/* The id follows from the content, so that the same file twice adds nothing. */
static int send_event(struct job *job, uint32_t first, uint32_t count, struct error *error) {
    struct wire_credit credits[CREDITS_MAX];
    const struct list_row *head = &job->list.rows[job->order[first]];
    const char *unit = option_text(job->session->options, "unit");
    union event_body body = {.hours = {.activity = job->activities[job->order[first]], .date = head->date}};
    struct buffer material = {0};
    body.hours.present = 7;
    body.hours.credits = (struct list){credits, count};
    for (uint32_t i = 0; i < count; i++) {
        const struct list_row *row = &job->list.rows[job->order[first + i]];
        credits[i] = (struct wire_credit){
            .present = 7, .volunteer = row->volunteer, .minutes = row->minutes, .grade = row->grade};
    }
    struct event event = event_now(EVENT_HOURS_CREDITED, text_of(unit), &body);
    event.at = head->date * DAY_MS - CHINA_MS;
    buffer_append(&material, unit, strlen(unit));
    buffer_append(&material, &job->ordinals[job->order[first]], sizeof job->ordinals[0]);
    int result = codec_encode(shape_of(SHAPE_hours), &body.hours, &material);
    if (result == 0 && !material.failed) {
        event.id = id_derive(event.at, material.data, material.length);
        result = sender_add(job->sender, &event, error);
        job->events++;
    } else {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    buffer_free(&material);
    return result;
}

static int send_all(struct job *job, struct error *error) {
    int result = 0;
    for (uint32_t first = 0; first < job->good && result == 0;) {
        uint32_t count = 1;
        while (first + count < job->good && count < CREDITS_MAX &&
               same_event(job, job->order[first], job->order[first + count])) {
            count++;
        }
        result = send_event(job, first, count, error);
        first += count;
    }
    return result < 0 ? result : sender_finish(job->sender, error);
}

static void take_receipt(void *data, uint64_t number, const struct wire_receipt *receipt) {
    struct job *job = data;
    (void)number;
    job->stored += receipt->status == STATUS_STORED;
    job->duplicates += receipt->status == STATUS_DUPLICATE;
    if (receipt_is_refusal(receipt)) {
        job->refused++;
        receipt_print(stderr, receipt, NULL, job->session->language);
    }
}

static int hand_in(struct job *job, struct error *error) {
    struct client *client = NULL;
    int result = session_connect(job->session, EDGE_SUBMIT, &client, error);
    if (result == 0) {
        const struct sender_options options = {.client = client,
                                               .frame_events = SENDER_FRAME_EVENTS_MAX,
                                               .window = WINDOW,
                                               .patience_ms = PATIENCE_MS,
                                               .receipt = take_receipt,
                                               .data = job};
        result = sender_open(&job->sender, &options, error);
    }
    if (result == 0) {
        result = send_all(job, error);
    }
    sender_close(&job->sender);
    client_close(&client);
    return result;
}

/* ---- the command ---- */

static int import(struct job *job, const char *path, struct arena *arena, struct error *error) {
    struct profile profile;
    int result = profile_read(&profile, option_text(job->session->options, "profile"), error);
    if (result == 0) {
        result = platform_list_read(&job->list, job->session, &profile, path, arena, error);
    }
    if (result < 0) {
        return result;
    }
    job->activities = calloc((size_t)job->list.count + 1, sizeof *job->activities);
    job->order = calloc((size_t)job->list.count + 1, sizeof *job->order);
    job->ordinals = calloc((size_t)job->list.count + 1, sizeof *job->ordinals);
    if (!job->activities || !job->order || !job->ordinals) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    result = find_activities(job, arena, error);
    if (result < 0) {
        return result;
    }
    platform_list_tell(&job->list, job->session->language);
    number_rows(job);
    return option_given(job->session->options, "check") ? 0 : hand_in(job, error);
}

static void free_job(struct job *job) {
    platform_list_free(&job->list);
    free(job->activities);
    free(job->order);
    free(job->ordinals);
}

static int run_import(const struct options *options) {
    if (!option_text(options, "unit") || !option_text(options, "profile")) {
        return command_usage(options, "--profile FILE.conf and --unit PATH are needed");
    }
    struct session session = {0};
    struct job job = {.session = &session};
    struct error error;
    struct arena *arena = arena_create(ROSTER_ARENA_BYTES);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = import(&job, option_operand(options, 0), arena, &error);
    }
    if (result == 0) {
        printf(language_pick(session.language,
                             "%u rows, %u with faults; hours of %u activities and days: %u stored, %u already there, "
                             "%u refused\n",
                             "%u 行，%u 行有误；活动日 %u 个：收到 %u，已有 %u，未接收 %u\n"),
               job.list.count, job.list.faults, job.events, job.stored, job.duplicates, job.refused);
    }
    int status = result != 0 ? command_fail(options, &error) : job.list.faults + job.refused > 0 ? EXIT_REFUSED : 0;
    free_job(&job);
    arena_destroy(&arena);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "profile", .kind = OPTION_TEXT, .word = "FILE", .prose = "the column profile (scripts/data/profiles/)"},
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "the squad that credits"},
    {.name = "activity",
     .kind = OPTION_TEXT,
     .word = "ID",
     .prose = "of all rows, where the list has no column for it"},
    {.name = "check", .kind = OPTION_FLAG, .prose = "show faults; send nothing"},
    {.name = NULL},
};

const struct command command_hours_import = {
    .name = "hours import",
    .summary = "credit the hours of a list (CSV, UTF-8 or GB18030) by a column profile",
    .usage = "--profile FILE.conf --unit PATH [OPTION...] FILE.csv",
    .about =
        "Rows with faults are named, the others go in; the same file twice adds nothing. Hours that another platform\n"
        "granted (信用, 荣誉) are kept beside and in no sum.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_import,
};
