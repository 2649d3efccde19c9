/* Erasure: which sides the journal is to forget, and what memory still holds of them. */
#include "services/intake/intake.h"
#include "services/intake/marks.h"

bool erase_is_erasure(const struct event *event) {
    return event->type == EVENT_PERSON_ERASED || event->type == EVENT_TEXT_REDACTED;
}

/* A contact by number, or a volunteer by id. */
static int note_person(struct batch *batch, const struct wire_person_erasure *erasure) {
    char room[JOURNAL_KEY_MAX];
    bool is_volunteer = wire_has(erasure->present, FIELD_person_erasure_volunteer);
    return batch_forget_mark(batch, is_volunteer ? mark_volunteer(room, &erasure->volunteer)
                                                 : mark_person(room, erasure->person));
}

int erase_note(struct intake *intake, struct batch *batch, const struct event *event) {
    if (event->type == EVENT_PERSON_ERASED) {
        return note_person(batch, &event->body->person_erasure);
    }
    uint64_t seq;
    int found = history_find(&intake->history, &event->body->text_redaction.event, &seq);
    if (found < 0) {
        decide_failed(intake);
    }
    /* Erasures themselves have no side: one in this very batch has nothing to lose. */
    return found == 1 && seq < batch->first ? batch_forget_seq(batch, seq) : 0;
}

void erase_done(struct intake *intake) {
    stream_server_forget(intake->stream);
    arena_reset(intake->history.arena);
    arena_reset(intake->event_arena);
}
