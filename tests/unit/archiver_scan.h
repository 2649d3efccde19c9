/* The plain scan with which the archiver's answers are compared: every event is looked at, every text is searched from
 * end to end as UTF-8. Shares no code with the archiver. */
#pragma once

#include "tests/unit/archiver_world.h"

struct scan_query {
    const char *within; /* NULL: any; so of all */
    const char *unit;
    const char *number;
    int programme; /* or WORLD_NONE */
    int from;
    int to;
    int activity;
    int attendances_from;
    int attendances_to;
    bool withdrawn;
    char words[3 * WORLD_TEXT]; /* as they are asked for; empty: any text */
};

/* Full-width forms, capitals and blanks become what they stand for. */
static inline void scan_fold(const char *text, char *out) {
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        if (at[0] == 0xEF && at[1] == 0xBC && at[2] >= 0x81) { /* U+FF01 to U+FF3F */
            *out = (char)(at[2] - 0x81 + '!');
            at += 3;
        } else if (at[0] == 0xEF && at[1] == 0xBD && at[2] <= 0x9E) { /* U+FF40 to U+FF5E */
            *out = (char)(at[2] - 0x80 + '`');
            at += 3;
        } else if (at[0] == 0xE3 && at[1] == 0x80 && at[2] == 0x80) {
            *out = ' ';
            at += 3;
        } else if (at[0] == 0xC2 && at[1] == 0xA0) {
            *out = ' ';
            at += 2;
        } else {
            *out = (char)*at++;
        }
        *out = *out >= 'A' && *out <= 'Z' ? (char)(*out + 32) : *out;
        out++;
    }
    *out = '\0';
}

static inline bool scan_holds(const char *text, const char *folded_word) {
    char folded[4 * WORLD_TEXT];
    scan_fold(text, folded);
    return strstr(folded, folded_word) != NULL;
}

/* Whether a word stands in a text of the report. */
static inline bool scan_word(const struct world_event *event, const char *word) {
    const struct world_report *report = &event->report;
    const char *head[] = {report->number,
                          report->form,
                          report->measure,
                          report->attendances_unit,
                          report->contact ? report->contact : "",
                          report->measure[0] ? report->measure_unit : ""};
    const char *side[] = {report->title,       report->place,        report->narrative, report->partners[0],
                          report->partners[1], report->contact_name, report->reason};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        if (scan_holds(head[i], word)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof side / sizeof *side && !event->forgotten; i++) {
        if (scan_holds(side[i], word)) {
            return true;
        }
    }
    for (int i = 0; i < 5; i++) {
        if ((report->programmes >> i & 1) && scan_holds(world_programmes[i], word)) {
            return true;
        }
    }
    return false;
}

static inline bool scan_words(const struct world_event *event, const char *words) {
    char folded[4 * WORLD_TEXT];
    char *rest = NULL;
    scan_fold(words, folded);
    for (char *word = strtok_r(folded, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (!scan_word(event, word)) {
            return false;
        }
    }
    return true;
}

static inline bool scan_below(const char *unit, const char *above) {
    size_t length = above ? strlen(above) : 0;
    return !above || (strncmp(unit, above, length) == 0 && (unit[length] == '\0' || unit[length] == '/'));
}

static inline bool scan_fits(const struct world_event *event, const struct scan_query *query) {
    const struct world_report *report = &event->report;
    bool people = report->attendances != WORLD_NONE && strcmp(report->attendances_unit, "户") != 0;
    bool dated = query->from != WORLD_NONE || query->to != WORLD_NONE;
    return scan_below(event->unit, query->within) && scan_below(event->unit, query->unit) &&
           (!query->number || strcmp(query->number, report->number) == 0) &&
           (query->programme == WORLD_NONE || (report->programmes >> query->programme & 1)) &&
           (!dated || report->day != WORLD_NONE) && (query->from == WORLD_NONE || report->day_end >= query->from) &&
           (query->to == WORLD_NONE || report->day <= query->to) &&
           (query->activity == WORLD_NONE || query->activity == report->activity) &&
           (query->attendances_from == WORLD_NONE || (people && report->attendances >= query->attendances_from)) &&
           (query->attendances_to == WORLD_NONE || (people && report->attendances <= query->attendances_to)) &&
           scan_words(event, query->words);
}

/* The reports that fit after the first `upto` events, the newest first: the event that told each one last. */
static inline int scan(const struct world *world, int upto, const struct scan_query *query, int found[WORLD_EVENTS]) {
    int count = 0;
    for (int report = upto - 1; report >= 0; report--) {
        int content = report;
        int last = report;
        bool withdrawn = false;
        if (world->events[report].act != WORLD_SUBMIT) {
            continue;
        }
        for (int i = report + 1; i < upto; i++) {
            const struct world_event *event = &world->events[i];
            bool later = (event->act == WORLD_AMEND || event->act == WORLD_WITHDRAW) && event->ref == report;
            content = later && event->act == WORLD_AMEND ? i : content;
            withdrawn = withdrawn || (later && event->act == WORLD_WITHDRAW);
            last = later ? i : last;
        }
        if (withdrawn == query->withdrawn && scan_fits(&world->events[content], query)) {
            found[count++] = last;
        }
    }
    return count;
}

/* ---- random questions ---- */

/* A word that often stands somewhere: a piece of a report's text, cut at characters. */
static inline void scan_piece(struct world *world, char out[WORLD_TEXT]) {
    const struct world_report *report = &world->events[world_random(world, (uint32_t)world->count)].report;
    const char *texts[] = {
        report->title, report->narrative, report->place, report->measure, report->contact_name, "文明养犬", "1"};
    const char *text = texts[world_random(world, sizeof texts / sizeof *texts)];
    size_t begin = world_random(world, (uint32_t)strlen(text) + 1);
    size_t end = begin + world_random(world, 13);
    while (begin > 0 && (text[begin] & 0xC0) == 0x80) {
        begin--;
    }
    end = end < strlen(text) ? end : strlen(text);
    while (end > begin && (text[end] & 0xC0) == 0x80) {
        end--;
    }
    snprintf(out, WORLD_TEXT, "%.*s", (int)(end - begin), text + begin);
}

static inline void scan_question(struct world *world, struct scan_query *query) {
    static const char *const blanks[] = {" ", "　", "  "};
    *query = (struct scan_query){.programme = WORLD_NONE, .from = WORLD_NONE, .to = WORLD_NONE, .activity = WORLD_NONE};
    for (uint32_t words = world_random(world, 4); words > 0; words--) {
        char word[WORLD_TEXT];
        scan_piece(world, word);
        if (world_random(world, 4) == 0) {
            world_text(world, 3, word);
        }
        strcat(query->words, word);
        strcat(query->words, blanks[world_random(world, 3)]);
    }
    query->within = world_random(world, 4) ? NULL : world_units[world_random(world, WORLD_UNITS)];
    query->unit = world_random(world, 4) ? NULL : world_units[world_random(world, WORLD_UNITS)];
    query->number = world_random(world, 12) ? NULL : "N-7";
    query->programme = world_random(world, 5) ? WORLD_NONE : (int)world_random(world, 5);
    query->from = world_random(world, 5) ? WORLD_NONE : 20000 + (int)world_random(world, 20);
    query->to = world_random(world, 5) ? WORLD_NONE : 20020 + (int)world_random(world, 12);
    query->activity = world_random(world, 8) ? WORLD_NONE : (int)world_random(world, 5);
    query->attendances_from = world_random(world, 6) ? WORLD_NONE : (int)world_random(world, 20);
    query->attendances_to = world_random(world, 6) ? WORLD_NONE : 20 + (int)world_random(world, 20);
    query->withdrawn = world_random(world, 6) == 0;
}
