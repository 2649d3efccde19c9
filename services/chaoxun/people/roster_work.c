/* One row of a roster: who is meant, what differs, what is sent. */
#include "services/chaoxun/people/roster_work.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/people/roster_match.h"
#include "services/chaoxun/receipts.h"

#define NAMESAKES_MAX 50 /* volunteers of one number */
#define WINDOW 8
#define PATIENCE_MS 60000

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* ---- what is told ---- */

static void note(struct roster_work *work, const struct volunteer_row *row, const char *text) {
    work->summary->notes++;
    row_tell_note(work->job->telling, row->row, text);
}

static void tell_done(struct roster_work *work) {
    row_tell_progress(work->job->telling, ++work->done, work->summary->rows);
}

static void refuse(struct roster_work *work, struct roster_place place, const struct faults *faults) {
    work->states[place.index] = ROSTER_ROW_REFUSED;
    work->summary->rejected++;
    row_tell_faults(work->job->telling, place.row, faults);
}

static void refuse_for(struct roster_work *work, struct roster_place place, enum error_code code, const char *limit,
                       struct text value) {
    struct faults faults = {0};
    faults_add(&faults, code, "编号", limit, value);
    refuse(work, place, &faults);
}

/* ---- sending ---- */

static bool keep_sent(struct roster_sent **items, uint32_t *count, uint32_t *capacity, struct roster_sent one) {
    if (*count == *capacity) {
        uint32_t more = *capacity == 0 ? 256 : *capacity * 2;
        struct roster_sent *grown = realloc(*items, more * sizeof **items);
        if (!grown) {
            return false;
        }
        *items = grown;
        *capacity = more;
    }
    (*items)[(*count)++] = one;
    return true;
}

static void take_receipt(void *data, uint64_t number, const struct wire_receipt *receipt) {
    struct roster_work *work = data;
    const struct roster_sent *sent = &work->sent[number];
    struct roster_summary *summary = work->summary;
    bool taken = receipt->status == STATUS_DUPLICATE || receipt->status == STATUS_CONFLICT;
    if (taken && sent->type == EVENT_VOLUNTEER_ENROLLED &&
        keep_sent(&work->taken, &work->taken_count, &work->taken_capacity, *sent)) {
        return;
    }
    if (receipt_is_refusal(receipt)) {
        work->states[sent->place.index] = ROSTER_ROW_REFUSED;
        summary->rejected++;
        row_tell_refusal(work->job->telling, sent->place.row, receipt);
        return;
    }
    *(sent->type == EVENT_VOLUNTEER_ENROLLED  ? &summary->enrolled
      : sent->type == EVENT_VOLUNTEER_UPDATED ? &summary->updated
                                              : &summary->left) += 1;
}

/* Sends the event, or with --check counts it. */
static int hand_in(struct roster_work *work, struct roster_place place, const struct event *event,
                   struct error *error) {
    struct roster_sent sent = {.type = event->type, .place = place, .id = event->id};
    struct text number = event->type == EVENT_VOLUNTEER_ENROLLED ? event->body->volunteer.number : (struct text){0};
    snprintf(sent.number, sizeof sent.number, "%.*s", (int)number.length, number.data ? number.data : "");
    if (!keep_sent(&work->sent, &work->sent_count, &work->sent_capacity, sent)) {
        return no_memory(error);
    }
    if (work->job->check) {
        take_receipt(work, work->sent_count - 1, &(struct wire_receipt){.status = STATUS_STORED});
        return 0;
    }
    return sender_add(work->sender, event, error);
}

int roster_work_open(struct roster_work *work, struct error *error) {
    int result = session_connect(work->job->session, EDGE_RECORD, &work->record, error);
    if (result == 0 && !work->job->check) {
        result = session_connect(work->job->session, EDGE_SUBMIT, &work->client, error);
    }
    if (result < 0 || work->job->check) {
        return result;
    }
    const struct sender_options options = {.client = work->client,
                                           .frame_events = SENDER_FRAME_EVENTS_MAX,
                                           .window = WINDOW,
                                           .patience_ms = PATIENCE_MS,
                                           .receipt = take_receipt,
                                           .data = work};
    return sender_open(&work->sender, &options, error);
}

void roster_work_close(struct roster_work *work) {
    sender_close(&work->sender);
    client_close(&work->client);
    client_close(&work->record);
    roster_seen_free(&work->seen);
    arena_destroy(&work->row_arena);
    arena_destroy(&work->answer_arena);
    free(work->states);
    free(work->sent);
    free(work->taken);
}

/* ---- the record ---- */

static int ask(struct roster_work *work, const struct volunteer_row *row, struct list *found, struct error *error) {
    const struct wire_volunteer *volunteer = &row->volunteer;
    struct wire_volunteers_query query = {.left = true, .limit = NAMESAKES_MAX, .at_least = text_of(work->head)};
    struct wire_volunteers_answer answer;
    wire_set(&query.present, FIELD_volunteers_query_left);
    wire_set(&query.present, FIELD_volunteers_query_limit);
    wire_set(&query.present, FIELD_volunteers_query_at_least);
    if (wire_has(volunteer->present, FIELD_volunteer_volunteer)) {
        query.ids = (struct list){(void *)(uintptr_t)&volunteer->volunteer, 1};
        wire_set(&query.present, FIELD_volunteers_query_ids);
    } else {
        query.number = volunteer->number;
        wire_set(&query.present, FIELD_volunteers_query_number);
    }
    arena_reset(work->answer_arena);
    int result =
        session_ask_over(work->job->session, EDGE_RECORD, work->record, "volunteers", ROSTER_ANSWER_MS,
                         SHAPE_volunteers_query, &query, SHAPE_volunteers_answer, work->answer_arena, &answer, error);
    *found = result == 0 ? answer.rows : (struct list){0};
    return result;
}

/* Enrolments whose id was taken: by the same import elsewhere, and then they are there; or the volunteer was erased, or has
 * another number by now. */
static int settle_taken(struct roster_work *work, struct error *error) {
    int result = 0;
    for (uint32_t i = 0; i < work->taken_count && result == 0; i++) {
        struct roster_sent *taken = &work->taken[i];
        struct volunteer_row row = {.volunteer = {.volunteer = taken->id}};
        struct list found;
        wire_set(&row.volunteer.present, FIELD_volunteer_volunteer);
        result = ask(work, &row, &found, error);
        const struct wire_volunteer_entry *who = found.items;
        struct text number = text_of(taken->number);
        if (result == 0 && found.count == 1 && text_equal(who->number, number)) {
            work->states[taken->place.index] = ROSTER_ROW_KNOWN;
        } else if (result == 0) {
            bool erased = found.count == 0 || who->number.length == 0;
            refuse_for(work, taken->place, erased ? ERR_ERASED : ERR_CONFLICT, NULL, number);
        }
    }
    work->taken_count = 0;
    return result;
}

int roster_work_catch_up(struct roster_work *work, struct error *error) {
    int result = work->sender ? sender_finish(work->sender, error) : 0;
    if (result == 0) {
        result = roster_head(work->job->session, work->head, error);
    }
    return result < 0 ? result : settle_taken(work, error);
}

/* ---- one row ---- */

static struct id enrolment_id(const struct roster_work *work, const struct volunteer_row *row) {
    struct buffer material = {0};
    buffer_append(&material, work->job->session->pair.secret_key, KEY_TEXT_SIZE);
    buffer_append(&material, row->unit.data, row->unit.length);
    buffer_append(&material, "\n", 1);
    buffer_append(&material, row->volunteer.number.data, row->volunteer.number.length);
    struct id id = id_derive(0, material.data, material.length);
    if (material.data) {
        sodium_memzero(material.data, material.length);
    }
    buffer_free(&material);
    return id;
}

static int enrol(struct roster_work *work, uint32_t index, const struct volunteer_row *row, struct error *error) {
    union event_body body = {.volunteer = row->volunteer};
    struct event event = {
        .id = enrolment_id(work, row), .type = EVENT_VOLUNTEER_ENROLLED, .unit = row->unit, .body = &body};
    if (body.volunteer.units.count < 2) { /* the event's own */
        body.volunteer.units = (struct list){0};
        body.volunteer.present &= ~(UINT64_C(1) << FIELD_volunteer_units);
    }
    work->states[index] = ROSTER_ROW_ENROLS;
    if (work->job->check &&
        roster_seen_new(work->seen, row)) { /* an earlier row is to enrol him; this one adds a squad */
        event.type = EVENT_VOLUNTEER_UPDATED;
    }
    return hand_in(work, (struct roster_place){index, row->row}, &event, error);
}

static void note_joining(struct roster_work *work, const struct volunteer_row *row,
                         const struct wire_volunteer_entry *who, bool elsewhere) {
    const struct text *units = row->volunteer.units.items;
    char text[120];
    char day[DATE_TEXT_SIZE];
    int32_t left;
    if (elsewhere) {
        note(work, row, "编号和姓名与其他中队的一名志愿者相同，按同一人登记，增加此中队");
    }
    for (uint32_t i = 0; i < row->volunteer.units.count && !row->leaves; i++) {
        if (roster_has_left(who, units[i], &left)) {
            day_format(left, day);
            snprintf(text, sizeof text, "已于 %s 离开此中队，名单没有离开日期，按重新加入登记", day);
            note(work, row, text);
        }
    }
}

static int update(struct roster_work *work, uint32_t index, const struct volunteer_row *row,
                  const struct wire_volunteer_entry *who, bool elsewhere, struct error *error) {
    union event_body body;
    int differs = roster_changes(row, who, !row->leaves || elsewhere, work->row_arena, &body.volunteer);
    work->states[index] = differs == 1 ? ROSTER_ROW_UPDATES : ROSTER_ROW_KNOWN;
    if (differs < 0) {
        return no_memory(error);
    }
    note_joining(work, row, who, elsewhere);
    struct event event = event_now(EVENT_VOLUNTEER_UPDATED, row->unit, &body);
    return differs == 1 ? hand_in(work, (struct roster_place){index, row->row}, &event, error) : 0;
}

int roster_work_settle(struct roster_work *work, uint32_t index, const struct volunteer_row *row, struct error *error) {
    const struct wire_volunteer_entry *who;
    struct list found;
    int result = ask(work, row, &found, error);
    if (result < 0) {
        return result;
    }
    enum roster_match match = roster_match(row, &found, &who);
    tell_done(work);
    if (match == ROSTER_SEVERAL) {
        refuse_for(work, (struct roster_place){index, row->row}, ERR_BAD_FORMAT,
                   "一名志愿者的编号：此编号不止一人，请填“系统编号”一列", row->volunteer.number);
        return 0;
    }
    if (match != ROSTER_NEW) {
        return update(work, index, row, who, match == ROSTER_ELSEWHERE, error);
    }
    if (wire_has(row->volunteer.present, FIELD_volunteer_volunteer)) {
        char id[ID_TEXT_SIZE];
        id_format(&row->volunteer.volunteer, id);
        struct faults faults = {0};
        faults_add(&faults, ERR_UNKNOWN_REFERENCE, "系统编号", "volunteer.enrolled", text_of(id));
        refuse(work, (struct roster_place){index, row->row}, &faults);
        return 0;
    }
    return enrol(work, index, row, error);
}

/* ---- leaving ---- */

static int leave(struct roster_work *work, uint32_t index, const struct volunteer_row *row, struct text unit,
                 const struct id *who, struct error *error) {
    union event_body body = {.volunteer_leaving = {.volunteer = *who, .left = row->left}};
    wire_set(&body.volunteer_leaving.present, FIELD_volunteer_leaving_volunteer);
    wire_set(&body.volunteer_leaving.present, FIELD_volunteer_leaving_left);
    struct event event = event_now(EVENT_VOLUNTEER_LEFT, unit, &body);
    return hand_in(work, (struct roster_place){index, row->row}, &event, error);
}

static void note_other_day(struct roster_work *work, const struct volunteer_row *row, int32_t known) {
    char text[120];
    char day[DATE_TEXT_SIZE];
    day_format(known, day);
    snprintf(text, sizeof text, "离开日期已记为 %s，未更改；要改请先按重新加入登记，再登记离开", day);
    note(work, row, text);
}

int roster_work_leave(struct roster_work *work, uint32_t index, const struct volunteer_row *row, struct error *error) {
    const struct text *units = row->volunteer.units.items;
    const struct wire_volunteer_entry *who;
    struct list found;
    bool sent = false;
    int result = ask(work, row, &found, error);
    bool known = result == 0 && roster_match(row, &found, &who) == ROSTER_KNOWN;
    if (work->job->check && !known && result == 0) { /* who is only to be enrolled is not in the record */
        work->summary->left++;
        return 0;
    }
    for (uint32_t i = 0; known && i < row->volunteer.units.count && result == 0; i++) {
        int32_t day = row->left;
        if (roster_serves(who, units[i])) {
            result = leave(work, index, row, units[i], &who->id, error);
            sent = true;
        } else if (roster_has_left(who, units[i], &day) && day != row->left) {
            note_other_day(work, row, day);
        }
    }
    work->states[index] = sent && work->states[index] == ROSTER_ROW_KNOWN ? ROSTER_ROW_UPDATES : work->states[index];
    return result;
}

void roster_work_look(struct roster_work *work, uint32_t index, const struct volunteer_row *row) {
    uint32_t before = 0;
    char value[FAULT_WORD_MAX];
    if (faults_any(&row->faults)) {
        refuse(work, (struct roster_place){index, row->row}, &row->faults);
        tell_done(work);
        return;
    }
    switch (roster_seen_row(work->seen, row, &before)) {
    case ROSTER_FIRST:
        break;
    case ROSTER_SAME:
        work->states[index] = ROSTER_ROW_REPEATED;
        break;
    case ROSTER_DIFFERS:
        snprintf(value, sizeof value, "%.*s（%u）", (int)row->volunteer.number.length,
                 row->volunteer.number.data ? row->volunteer.number.data : "", before);
        refuse_for(work, (struct roster_place){index, row->row}, ERR_REPEATED, NULL, text_of(value));
        break;
    }
    if (work->states[index] != ROSTER_ROW_OPEN) {
        tell_done(work);
    }
}
