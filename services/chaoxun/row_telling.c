/* Telling of rows. */
#include "services/chaoxun/row_telling.h"

#include <stdio.h>

#include "services/chaoxun/receipts.h"

#define NOTES_SHOWN 10

static void print_fault(const struct row_telling *telling, uint32_t row, const struct fault *fault) {
    char text[ERROR_TEXT_MAX];
    fault_render(fault, telling->language, text, sizeof text);
    bool column = fault->code != ERR_CSV_COLUMNS && fault->code != ERR_CSV_ENCODING && fault->code != ERR_CSV_QUOTE;
    const char *pattern = language_pick(telling->language, "row %u%s%s: %s\n", "第 %u 行%s%s：%s\n");
    const char *label = language_pick(telling->language, ", column ", "，列 ");
    fprintf(stderr, pattern, row, column ? label : "", column ? fault->field : "", text);
}

void row_tell_faults(void *data, uint32_t row, const struct faults *faults) {
    for (uint32_t i = 0; i < faults->count; i++) {
        print_fault(data, row, &faults->items[i]);
    }
}

void row_tell_refusal(void *data, uint32_t row, const struct wire_receipt *receipt) {
    const struct row_telling *telling = data;
    const struct wire_fault *found = receipt->faults.items;
    struct fault fault;
    bool columns = receipt->faults.count > 0;
    for (uint32_t i = 0; i < receipt->faults.count; i++) {
        columns = columns && refusal_read(&found[i], telling->header_of, &fault);
    }
    for (uint32_t i = 0; columns && i < receipt->faults.count; i++) {
        refusal_read(&found[i], telling->header_of, &fault);
        print_fault(telling, row, &fault);
    }
    if (!columns) {
        char label[40];
        snprintf(label, sizeof label, language_pick(telling->language, "row %u:", "第 %u 行："), row);
        receipt_print(stderr, receipt, label, telling->language);
    }
}

void row_tell_note(void *data, uint32_t row, const char *text) {
    struct row_telling *telling = data;
    if (telling->notes_left > 0) {
        telling->notes_left--;
        fprintf(stderr, language_pick(telling->language, "row %u, note: %s\n", "第 %u 行，提示：%s\n"), row, text);
    }
}

void row_tell_progress(void *data, uint32_t done, uint32_t total) {
    struct row_telling *telling = data;
    if (telling->progress.label == NULL) {
        progress_start(&telling->progress, language_pick(telling->language, "import", "导入"), total);
    }
    progress_show(&telling->progress, done);
}

uint32_t row_notes_shown(const struct options *options) {
    if (option_given(options, "quiet")) {
        return 0;
    }
    return option_given(options, "check") ? UINT32_MAX : NOTES_SHOWN;
}
