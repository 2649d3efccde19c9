/* Counting the rows of an import and collecting their faults. */
#include "services/portal/import_summary.h"

#include <stdio.h>

#include "common/import/refusal.h"
#include "proto/json.h"
#include "services/portal/problem.h"

bool import_summary_start(struct import_summary *summary) {
    *summary = (struct import_summary){.faults = json_array(), .warnings = json_array()};
    return summary->faults && summary->warnings;
}

void import_summary_free(struct import_summary *summary) {
    json_decref(summary->faults);
    json_decref(summary->warnings);
    summary->faults = summary->warnings = NULL;
}

static void add_fault(struct import_summary *summary, uint32_t row, json_t *fault) {
    if (json_array_size(summary->faults) >= IMPORT_FAULTS_SHOWN || !fault) {
        summary->faults_more++;
        json_decref(fault);
        return;
    }
    json_object_set_new(fault, "row", json_integer(row));
    json_array_append_new(summary->faults, fault);
}

void import_summary_faults(struct import_summary *summary, const struct import_row *row) {
    summary->rejected++;
    for (uint32_t i = 0; i < row->faults.count; i++) {
        add_fault(summary, row->row, problem_fault(&row->faults.items[i]));
    }
    summary->faults_more += row->faults.more;
}

void import_summary_warnings(struct import_summary *summary, const struct import_row *row) {
    for (uint32_t i = 0; i < row->warnings && json_array_size(summary->warnings) < IMPORT_FAULTS_SHOWN; i++) {
        json_array_append_new(summary->warnings,
                              json_pack("{s:I, s:s}", "row", (json_int_t)row->row, "text", row->warning[i]));
    }
}

static void conflict_fault(struct import_summary *summary, uint32_t row) {
    struct faults faults = {0};
    faults_add(&faults, ERR_CONFLICT, "编号", "", (struct text){0});
    add_fault(summary, row, problem_fault(&faults.items[0]));
}

static void receipt_faults(struct import_summary *summary, uint32_t row, const struct wire_receipt *receipt) {
    const struct wire_fault *faults = receipt->faults.items;
    for (uint32_t i = 0; i < receipt->faults.count; i++) {
        struct fault fault;
        bool column = refusal_read(&faults[i], import_header_of, &fault);
        add_fault(summary, row, column ? problem_fault(&fault) : json_from_shape(shape_of(SHAPE_fault), &faults[i]));
    }
}

void import_summary_receipt(struct import_summary *summary, uint32_t row, bool amendment,
                            const struct wire_receipt *receipt) {
    switch ((enum status)receipt->status) {
    case STATUS_STORED:
        *(amendment ? &summary->amended : &summary->stored) += 1;
        break;
    case STATUS_DUPLICATE:
        summary->duplicate++;
        break;
    case STATUS_CONFLICT:
        summary->conflict++;
        conflict_fault(summary, row);
        break;
    case STATUS_BUSY:
        summary->busy++;
        break;
    default:
        summary->rejected++;
        receipt_faults(summary, row, receipt);
        break;
    }
    if (receipt->position.length > 0) {
        snprintf(summary->position, sizeof summary->position, "%.*s", (int)receipt->position.length,
                 receipt->position.data);
    }
}

int import_summary_status(const struct import_summary *summary) {
    int64_t in = summary->stored + summary->amended + summary->duplicate;
    int64_t failed = summary->rejected + summary->conflict;
    if (summary->busy > 0) {
        return in > 0 ? 207 : 503;
    }
    if (failed > 0) {
        return in > 0 ? 207 : 422;
    }
    return summary->stored + summary->amended > 0 ? 201 : 200;
}

json_t *import_summary_document(struct import_summary *summary, const char *encoding, uint32_t rows) {
    json_t *document =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:I}", "encoding", encoding, "rows", (json_int_t)rows,
                  "stored", (json_int_t)summary->stored, "duplicate", (json_int_t)summary->duplicate, "amended",
                  (json_int_t)summary->amended, "rejected", (json_int_t)summary->rejected, "conflict",
                  (json_int_t)summary->conflict, "busy", (json_int_t)summary->busy, "position", summary->position,
                  "faults_more", (json_int_t)summary->faults_more);
    if (document) {
        json_object_set_new(document, "faults", json_incref(summary->faults));
        json_object_set_new(document, "warnings", json_incref(summary->warnings));
    }
    return document;
}
