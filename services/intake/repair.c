/* Repair of the journal: what would be lost is told by seqs, times and types before anything is dropped. */
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/journal/repair.h"
#include "services/intake/intake.h"
#include "services/intake/marks.h"

static_assert(REPAIR_ASKED_MAX <= JOURNAL_ASKED_MAX, "every position that is asked for is looked up");

/* ---- what is said ---- */

static void format_time(int64_t at, char out[32]) {
    time_t seconds = (time_t)(at / 1000);
    struct tm parts;
    strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &parts));
}

static void say_types(const struct repair *repair, const struct journal_loss *loss) {
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        if (loss->types[type] > 0) {
            repair_say(repair, "  %8" PRIu64 " %s", loss->types[type], event_row((enum event_type)type)->wire);
        }
    }
}

static void say_loss(const struct repair *repair, const struct journal_loss *loss, const char *unreadable) {
    char since[32];
    char until[32];
    if (loss->readable > 0) {
        format_time(loss->since, since);
        format_time(loss->until, until);
        repair_say(repair, "  received from %s to %s:", since, until);
        say_types(repair, loss);
    }
    if (loss->events > loss->readable) {
        repair_say(repair, "  %8" PRIu64 " %s", loss->events - loss->readable, unreadable);
    }
}

static void say_reason(struct repair *repair, const char *what, const char *why) {
    char reason[ERROR_TEXT_MAX];
    struct error error = {0};
    snprintf(error.text, sizeof error.text, "%s", why);
    repair_find(repair, "%s: %s", what, repair_reason(&error, reason));
}

static void say_damage(struct repair *repair, const struct journal_damage *damage) {
    const char *would = repair->drop ? "are" : "would be";
    if (damage->interrupted) {
        repair_find(repair, "a repair was interrupted when its new journal was complete: --drop finishes it");
    }
    if (*damage->witness != '\0') {
        repair_find(repair, "%s: nobody knows whether the journal is whole", damage->witness);
    }
    if (*damage->log != '\0') {
        repair_find(repair, "%s", damage->log);
    }
    if (damage->cut.first > 0) {
        say_reason(repair, "journal.db", damage->cut.why);
        repair_say(repair, "%" PRIu64 " events, seq %" PRIu64 " to %" PRIu64 ", %s dropped:", damage->cut.events,
                   damage->cut.first, damage->cut.last, would);
        say_loss(repair, &damage->cut, "that cannot be read any more");
    }
    if (damage->sides.first > 0) {
        say_reason(repair, "journal.db", damage->sides.why);
        repair_say(repair,
                   "names and texts of %" PRIu64 " events in %" PRIu64 " blocks between seq %" PRIu64 " and %" PRIu64
                   " %s dropped, the events stay and count:",
                   damage->sides.events, damage->blocks_without_side, damage->sides.first, damage->sides.last, would);
        say_loss(repair, &damage->sides, "of unknown types");
    }
    if (*damage->derived != '\0') {
        say_reason(repair, "journal.db", damage->derived);
        repair_say(repair, "what can be made again from the events %s made again", would);
    }
}

static void answer_asked(const struct journal_damage *damage) {
    for (uint32_t i = 0; i < damage->asked_count; i++) {
        const struct journal_asked *asked = &damage->asked[i];
        if (!asked->holds) {
            bool ahead = asked->position.seq > damage->good.seq;
            repair_tell_position("lost", &asked->position,
                                 ahead ? "it is ahead of the journal" : "the journal has other events there");
        }
    }
}

/* ---- doing ---- */

static int mend(struct repair *repair, const struct journal_options *options, const struct journal_damage *damage,
                struct error *error) {
    int result = journal_may_mend(damage, error);
    if (result < 0 || !repair->drop) {
        return result;
    }
    result = repair_open_aside(repair, error);
    if (result == 0) {
        result = journal_mend(options, damage, repair->aside, error);
    }
    /* The first opening makes the derived tables, and shows that it opens. */
    struct journal *journal = NULL;
    if (result == 0) {
        result = journal_open(&journal, options, error);
    }
    if (result == 0) {
        struct position head = journal_head(journal);
        repair_say(repair, "repaired: the journal ends at seq %" PRIu64 " and goes on in epoch %" PRIu64, head.seq,
                   head.epoch);
    }
    journal_close(&journal);
    return result;
}

static int look(struct repair *repair, const struct journal_options *options, struct journal_damage *damage,
                struct error *error) {
    for (uint32_t i = 0; i < repair->asked_count; i++) {
        damage->asked[i].position = repair->asked[i];
    }
    damage->asked_count = repair->asked_count;
    int result = journal_examine(options, damage, error);
    if (result < 0) {
        return result;
    }
    say_damage(repair, damage);
    if (!repair->needed) {
        repair_say(repair, "the journal fits, to seq %" PRIu64, damage->good.seq);
    } else {
        result = mend(repair, options, damage, error);
    }
    if (result == 0) {
        repair_tell_position("stands", &damage->good, "");
        answer_asked(damage);
    }
    return result;
}

int intake_repair(struct repair *repair, struct error *error) {
    uint8_t side_key[SIDE_KEY_BYTES];
    struct journal_damage *damage = calloc(1, sizeof *damage);
    if (!damage) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = keys_load_side(repair->keys_dir, side_key, error);
    if (result == 0) {
        struct journal_options options = {.directory = repair->state_dir,
                                          .side_key = side_key,
                                          .derive = marks_derive,
                                          .derive_version = MARKS_VERSION};
        result = look(repair, &options, damage, error);
    }
    sodium_memzero(side_key, sizeof side_key);
    free(damage);
    return result;
}
