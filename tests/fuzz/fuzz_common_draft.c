/* Fuzzes drafts: any bytes as a message of a squad. Nothing is invented, and nothing is lost without being told. */
#include <assert.h>
#include <stdio.h>

#include "common/draft/draft.h"
#include "tests/fuzz/draft_check.h"

static bool one_squad(void *data, struct text name, char *path) {
    (void)data;
    snprintf(path, EVENT_UNIT_MAX + 1, "haining/xucun");
    return name.length > strlen("中队");
}

#ifdef PLANTED_BUG
/* A careless reader: takes it for granted that nobody reports more than one day. */
static void check_days(const struct draft *draft) {
    assert(!wire_has(draft->event.body->report.present, FIELD_report_date_end));
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct draft_options options = {
        .today = 20579, .unit = one_squad, .default_unit = size % 2 ? "haining/xiashi" : NULL};
    struct text text = {(const char *)data, (uint32_t)size};
    struct arena *arena = arena_create((size_t)16 * 1024 * 1024);
    struct draft draft;
    struct error error;
    if (draft_read(text, &options, arena, &draft, &error) == 0) {
        check_draft(text, &draft);
#ifdef PLANTED_BUG
        check_days(&draft);
#endif
    } else {
        assert(error.text_zh[0] != '\0');
    }
    arena_destroy(&arena);
    return 0;
}
