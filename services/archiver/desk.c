/* The desk: questions are answered in threads, each at a seat with a reading side of its own, so that a long one holds
 * up neither the stream nor the loop. */
#include <assert.h>
#include <stdlib.h>

#include "services/archiver/answer.h"
#include "services/archiver/archiver.h"
#include "services/archiver/people.h"

#define WAITING_MAX 1000
#define ANSWER_ROOM 1024 /* of the largest frame, for what stands around an answer */
#define QUESTION_BYTES_MAX ((size_t)64 << 20)

struct inquiry;

struct job {
    struct job *next;
    uv_work_t work;
    struct archiver *archiver;
    struct seat *seat;
    struct reply_to to;
    size_t most; /* bytes of the answer */
    const struct inquiry *inquiry;
    int result;
    struct error error;
    uint32_t length;
    char payload[];
};

/* ---- in a thread ---- */

static int seat_open(struct seat *seat, const char *path, struct error *error) {
    if (!seat->arena) {
        seat->arena = arena_create(QUESTION_BYTES_MAX);
    }
    if (!seat->arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return seat->reader ? 0 : record_reader_open(&seat->reader, path, error);
}

static int answer_many(struct job *job, struct seat *seat) {
    struct record_found found = {0};
    struct text payload = {job->payload, job->length};
    int result = question_read(&seat->question, payload, job->archiver->key, seat->arena, &job->error);
    if (result == 0) {
        result =
            record_find(seat->reader, &seat->question.filter, &seat->question.page, seat->arena, &found, &job->error);
    }
    return result < 0
               ? result
               : answer_reports(&seat->question, job->archiver->key, &found, job->most, &seat->answer, &job->error);
}

static int no_room(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int not_found(const struct id *id, struct error *error) {
    char value[ID_TEXT_SIZE + 8] = "report ";
    id_format(id, value + strlen(value));
    return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = value});
}

static int answer_one(struct job *job, struct seat *seat) {
    struct wire_report_query query = {0};
    struct wire_report_answer report = {0};
    struct position position;
    int result = question_read_one(&query, (struct text){job->payload, job->length}, seat->arena, &job->error);
    if (result == 0) {
        result = record_get(seat->reader, &query.id, seat->arena, &report, &position, &job->error);
    }
    if (result < 0) {
        return result;
    }
    bool told = result == 1 && path_is_within(report.unit, query.within);
    return told ? answer_report(&report, &position, query.side, job->most, &seat->answer, &job->error)
                : not_found(&query.id, &job->error);
}

/* The query of the job, in the seat's arena; `query` is a zeroed struct of the shape. */
static int read_query(const struct job *job, struct seat *seat, enum shape_index shape, void *query,
                      struct error *error) {
    struct faults faults = {0};
    int result = codec_decode(shape_of(shape), (struct text){job->payload, job->length}, seat->arena, query, &faults);
    return result == 0 ? 0 : faults_any(&faults) ? faults_to_error(&faults, error) : no_room(error);
}

static int encode(struct job *job, struct seat *seat, enum shape_index shape, const void *answer) {
    buffer_clear(&seat->answer);
    if (codec_encode(shape_of(shape), answer, &seat->answer) < 0) {
        return no_room(&job->error);
    }
    if (seat->answer.length <= job->most) {
        return 0;
    }
    struct error_words words = {.field = "rows", .value = "more than", .limit = "fit into one answer"};
    return error_set(&job->error, ERR_TOO_MANY, words);
}

static int answer_volunteers(struct job *job, struct seat *seat) {
    struct wire_volunteers_query query = {0};
    struct wire_volunteers_answer answer = {0};
    struct position position;
    char as_of[POSITION_TEXT_SIZE];
    int result = read_query(job, seat, SHAPE_volunteers_query, &query, &job->error);
    if (result == 0) {
        result = record_find_volunteers(seat->reader, &query, seat->arena, &answer, &position, &job->error);
    }
    if (result < 0) {
        return result;
    }
    position_format(&position, as_of);
    answer.as_of = text_of(as_of);
    wire_set(&answer.present, FIELD_volunteers_answer_as_of);
    return encode(job, seat, SHAPE_volunteers_answer, &answer);
}

static int answer_remarks(struct job *job, struct seat *seat) {
    struct wire_remarks_query query = {0};
    struct wire_remarks_answer answer = {0};
    struct position position;
    char as_of[POSITION_TEXT_SIZE];
    int result = read_query(job, seat, SHAPE_remarks_query, &query, &job->error);
    if (result == 0) {
        result = record_find_remarks(seat->reader, &query, seat->arena, &answer, &position, &job->error);
    }
    if (result < 0) {
        return result;
    }
    position_format(&position, as_of);
    answer.as_of = text_of(as_of);
    wire_set(&answer.present, FIELD_remarks_answer_as_of);
    return encode(job, seat, SHAPE_remarks_answer, &answer);
}

/* What stands behind a verb. */
struct inquiry {
    const char *verb;
    int (*answer)(struct job *job, struct seat *seat);
};

static const struct inquiry inquiries[] = {
    {"reports", answer_many},
    {"report", answer_one},
    {"volunteers", answer_volunteers},
    {"remarks", answer_remarks},
};

/* The door lets no other verb in. */
static const struct inquiry *inquiry_of(struct text verb) {
    size_t i = 0;
    while (!text_equal(verb, text_of(inquiries[i].verb))) {
        i++;
        assert(i < sizeof inquiries / sizeof *inquiries);
    }
    return &inquiries[i];
}

static void run(uv_work_t *work) {
    struct job *job = work->data;
    struct seat *seat = job->seat;
    job->result = seat_open(seat, job->archiver->path, &job->error);
    if (job->result == 0) {
        arena_reset(seat->arena);
        job->result = job->inquiry->answer(job, seat);
    }
}

/* ---- on the loop ---- */

static void tell(struct job *job) {
    struct archiver *archiver = job->archiver;
    const struct buffer *answer = &job->seat->answer;
    if (job->result == -ERR_CORRUPT) {
        archiver_condemn(archiver, &job->error);
    }
    metrics_add(&archiver->service->metrics, METRIC_QUESTIONS, 1);
    if (job->result < 0) {
        waitings_refuse(&archiver->waitings, &job->to, &job->error);
    } else {
        reply_bytes(&job->to, job->inquiry->verb, (struct text){(const char *)answer->data, (uint32_t)answer->length});
    }
}

static void begin_next(struct archiver *archiver);

static void worked(uv_work_t *work, int status) {
    struct job *job = work->data;
    struct archiver *archiver = job->archiver;
    (void)status;
    if (!archiver->stopped) {
        tell(job);
    }
    job->seat->taken = false;
    archiver->desk.running--;
    free(job);
    begin_next(archiver);
    archiver_worked(archiver);
}

static struct seat *free_seat(struct desk *desk) {
    for (int i = 0; i < DESK_SEATS; i++) {
        if (!desk->seats[i].taken) {
            return &desk->seats[i];
        }
    }
    return NULL;
}

static struct job *take_first(struct desk *desk) {
    struct job *job = desk->first;
    if (job) {
        desk->first = job->next;
        desk->last = job->next ? desk->last : NULL;
        desk->waiting--;
    }
    return job;
}

static void begin_next(struct archiver *archiver) {
    struct desk *desk = &archiver->desk;
    struct seat *seat = desk->held ? NULL : free_seat(desk);
    struct job *job = seat ? take_first(desk) : NULL;
    if (job) {
        job->seat = seat;
        seat->taken = true;
        desk->running++;
        archiver_work(archiver, &job->work, run, worked);
    }
}

void desk_ask(struct archiver *archiver, const struct request *request, const struct reply_to *to) {
    struct desk *desk = &archiver->desk;
    struct job *job = NULL;
    if (!archiver->draining && desk->waiting < WAITING_MAX) {
        job = calloc(1, sizeof *job + request->payload.length);
    }
    if (!job) {
        struct error error;
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        waitings_refuse(&archiver->waitings, to, &error);
        return;
    }
    job->archiver = archiver;
    job->work.data = job;
    job->to = *to;
    job->most = (size_t)config_int(archiver->service->config, SETTING_MESSAGE_MAX) - ANSWER_ROOM;
    job->inquiry = inquiry_of(request->verb);
    job->length = request->payload.length;
    memcpy(job->payload, request->payload.data, request->payload.length);
    *(desk->last ? &desk->last->next : &desk->first) = job;
    desk->last = job;
    desk->waiting++;
    begin_next(archiver);
}

void desk_hold(struct archiver *archiver) {
    archiver->desk.held = true;
}

void desk_go_on(struct archiver *archiver) {
    archiver->desk.held = false;
    for (int i = 0; i < DESK_SEATS; i++) {
        begin_next(archiver);
    }
}

void desk_refuse(struct archiver *archiver) {
    struct error error;
    struct job *job;
    error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "archiver"});
    while ((job = take_first(&archiver->desk)) != NULL) {
        waitings_refuse(&archiver->waitings, &job->to, &error);
        free(job);
    }
}

void desk_close_readers(struct archiver *archiver) {
    for (int i = 0; i < DESK_SEATS; i++) {
        record_reader_close(&archiver->desk.seats[i].reader);
    }
}

void desk_free(struct archiver *archiver) {
    desk_close_readers(archiver);
    for (int i = 0; i < DESK_SEATS; i++) {
        struct seat *seat = &archiver->desk.seats[i];
        arena_destroy(&seat->arena);
        question_free(&seat->question);
        buffer_free(&seat->answer);
    }
}
