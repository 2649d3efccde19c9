/* Stories and publicity: after random lives the table is that of a slow recount, now and at every earlier event, also after the
 * tally was saved and read back; the list holds what the table counts; an earlier answer stays the same to the byte, whatever
 * units become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/book_desk.h"

#define SEEDS 8
#define STEPS 150
#define EVENTS (STEPS + UNITS + 8)
#define UNITS 4
#define KINDS 2
#define OUTLETS 2
#define DAY_MS INT64_C(86400000)
#define BEGIN INT64_C(1767196800000) /* 2026-01-01 00:00 in China */
#define FIRST_DAY 20454
#define NOTHING (-1)

/* The last one is a team of the second. */
static const char *const units[UNITS] = {"haining", "haining/b", "haining/c", "haining/b/t1"};
static const int parents[UNITS] = {-1, 0, 0, 1};
static const char *const kinds[KINDS] = {"case", "group"};
static const char *const outlets[OUTLETS] = {"海宁日报", "大潮网"};

/* ---- the recount: plain events by seq, read from the beginning each time ---- */

struct plain {
    enum event_type type;
    int unit;
    int kind;
    int story;  /* seq of the story.submitted */
    int outlet; /* of a publication */
    int day;    /* of sending up or of publication, from FIRST_DAY on */
    bool squad;
};

struct run {
    struct desk *desk;
    struct plain events[EVENTS];
};

/* Which row; NOTHING: not by this. An outlet of OUTLETS is the row of the stories themselves. */
struct place {
    int squad;
    int kind;
    int outlet;
};

struct figures {
    int stories, chosen, publications;
};

static int squad_of(const struct run *run, int unit, int at) {
    for (int above = unit; above >= 0; above = parents[above]) {
        bool squad = false;
        for (int seq = 1; seq <= at; seq++) {
            const struct plain *event = &run->events[seq];
            squad = event->type == EVENT_UNIT_SET && event->unit == above ? event->squad : squad;
        }
        if (squad) {
            return above;
        }
    }
    return unit;
}

/* 1 sent up, 2 chosen, 3 published; a story that appeared is not chosen any more. */
static int state_of(const struct run *run, int story, int at) {
    int state = story <= at;
    for (int seq = story + 1; seq <= at; seq++) {
        const struct plain *event = &run->events[seq];
        if (event->story == story && event->type == EVENT_STORY_PUBLISHED) {
            state = 3;
        } else if (event->story == story && event->type == EVENT_STORY_CHOSEN && state == 1) {
            state = 2;
        }
    }
    return state;
}

static bool fits(int value, int wanted) {
    return wanted == NOTHING || value == wanted;
}

static bool in_range(int day, const int *range) {
    return day >= range[0] && day <= range[1];
}

static struct figures recount(const struct run *run, struct place row, const int *range, int at) {
    struct figures figures = {0};
    for (int seq = 1; seq <= at; seq++) {
        const struct plain *event = &run->events[seq];
        const struct plain *story = event->type == EVENT_STORY_SUBMITTED   ? event
                                    : event->type == EVENT_STORY_PUBLISHED ? &run->events[event->story]
                                                                           : NULL;
        if (!story || !in_range(event->day, range) || !fits(story->kind, row.kind) ||
            !fits(squad_of(run, story->unit, at), row.squad)) {
            continue;
        }
        bool sent = event == story;
        if (!fits(sent ? OUTLETS : event->outlet, row.outlet)) {
            continue;
        }
        figures.stories += sent;
        figures.chosen += sent && state_of(run, seq, at) > 1;
        figures.publications += !sent;
    }
    return figures;
}

/* ---- the answers ---- */

static struct wire_stories_query query_of(const struct run *run, int at, const int *range, char text[24]) {
    snprintf(text, 24, "%d", at);
    struct wire_stories_query query = {.from = FIRST_DAY + range[0], .to = FIRST_DAY + range[1], .at = text_of(text)};
    query.present = UINT64_C(1) << FIELD_stories_query_from | UINT64_C(1) << FIELD_stories_query_to |
                    (uint64_t)((uint64_t)at < run->desk->seq) << FIELD_stories_query_at;
    query.at = (uint64_t)at < run->desk->seq ? query.at : (struct text){0};
    return query;
}

static struct list ask(struct run *run, int at, const int *range, const char *const words[3]) {
    struct text by[3];
    char text[24];
    struct wire_stories_query query = query_of(run, at, range, text);
    struct wire_stories_answer answer = {0};
    struct error error = {0};
    query.by.items = by;
    for (int i = 0; i < 3 && words[i]; i++) {
        by[query.by.count++] = text_of(words[i]);
    }
    arena_reset(run->desk->aggregator.question_arena);
    if (answer_stories(&run->desk->aggregator, &query, &answer, &error) < 0) {
        fail_msg("%s", error.text);
    }
    return answer.rows;
}

static int find(const char *const words[], int count, struct text word) {
    int found = 0;
    while (found < count && !text_equal(word, text_of(words[found]))) {
        found++;
    }
    return found;
}

/* Every row, and that nothing is in no row. */
static void check(struct run *run, int at, const int *range, const char *const words[3]) {
    bool by_squad = false, by_kind = false, by_outlet = false;
    for (int i = 0; i < 3 && words[i]; i++) {
        by_squad = by_squad || strcmp(words[i], "squad") == 0;
        by_kind = by_kind || strcmp(words[i], "story") == 0;
        by_outlet = by_outlet || strcmp(words[i], "outlet") == 0;
    }
    struct list answer = ask(run, at, range, words);
    const struct wire_stories_row *rows = answer.items;
    int stories = 0, publications = 0;
    for (uint32_t i = 0; i < answer.count; i++) {
        struct place row = {by_squad ? find(units, UNITS, rows[i].unit) : NOTHING,
                            by_kind ? find(kinds, KINDS, rows[i].story) : NOTHING,
                            by_outlet ? find(outlets, OUTLETS, rows[i].outlet) : NOTHING};
        struct figures figures = recount(run, row, range, at);
        assert_int_equal(rows[i].stories, figures.stories);
        assert_int_equal(rows[i].chosen, figures.chosen);
        assert_int_equal(rows[i].publications, figures.publications);
        stories += figures.stories;
        publications += figures.publications;
    }
    struct figures all = recount(run, (struct place){NOTHING, NOTHING, NOTHING}, range, at);
    assert_int_equal(stories, all.stories);
    assert_int_equal(publications, all.publications);
}

/* The list holds each story once, those sent up last first, in the state that it was in. */
static void check_list(struct run *run, int at, const int *range) {
    static const char *const states[] = {"submitted", "chosen", "published"};
    char text[24];
    struct wire_stories_query query = query_of(run, at, range, text);
    struct wire_story_list list = {0};
    struct error error = {0};
    arena_reset(run->desk->aggregator.question_arena);
    assert_int_equal(answer_story_list(&run->desk->aggregator, &query, &list, &error), 0);
    const struct wire_story_entry *rows = list.rows.items;
    uint32_t count = 0;
    for (int seq = at; seq > 0; seq--) {
        if (run->events[seq].type == EVENT_STORY_SUBMITTED && in_range(run->events[seq].day, range)) {
            struct id id = desk_id((uint64_t)seq);
            assert_true(count < list.rows.count);
            assert_memory_equal(&rows[count].id, &id, sizeof id);
            assert_true(text_equal(rows[count++].state, text_of(states[state_of(run, seq, at) - 1])));
        }
    }
    assert_int_equal(list.rows.count, count);
}

static void check_all(struct run *run, int at) {
    static const char *const asked[][3] = {
        {NULL, NULL, NULL}, {"squad", NULL, NULL}, {"story", "outlet", NULL}, {"squad", "story", "outlet"}};
    static const int ranges[][2] = {{0, 1000}, {10, 30}};
    for (size_t range = 0; range < sizeof ranges / sizeof *ranges; range++) {
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            check(run, at, ranges[range], asked[i]);
        }
        check_list(run, at, ranges[range]);
    }
}

/* ---- steps ---- */

static struct plain *note(struct run *run, enum event_type type, int unit) {
    struct plain *plain = &run->events[run->desk->seq + 1];
    *plain = (struct plain){.type = type, .unit = unit};
    return plain;
}

static void fold(struct run *run, union event_body *body) {
    const struct plain *plain = &run->events[run->desk->seq + 1];
    desk_fold(run->desk, plain->type, units[plain->unit], BEGIN + plain->day * DAY_MS, body);
}

static void send_up(struct run *run) {
    struct plain *plain = note(run, EVENT_STORY_SUBMITTED, (int)desk_draw(run->desk, UNITS));
    plain->kind = (int)desk_draw(run->desk, KINDS);
    plain->day = (int)desk_draw(run->desk, 60);
    union event_body body = {.story = {.kind = text_of(kinds[plain->kind])}};
    fold(run, &body);
}

static void step_story(struct run *run, bool publish) {
    int story = 1 + (int)desk_draw(run->desk, (uint32_t)run->desk->seq);
    while (story > 0 && run->events[story].type != EVENT_STORY_SUBMITTED) {
        story--;
    }
    if (story == 0) {
        return;
    }
    struct plain *plain = note(run, publish ? EVENT_STORY_PUBLISHED : EVENT_STORY_CHOSEN, 0);
    plain->story = story;
    plain->outlet = (int)desk_draw(run->desk, OUTLETS);
    plain->day = (int)desk_draw(run->desk, 60);
    union event_body body = {.story_step = {.present = 1, .story = desk_id((uint64_t)story)}};
    if (publish) {
        body = (union event_body){.story_publication = {.story = desk_id((uint64_t)story),
                                                        .medium = text_of("newspaper"),
                                                        .outlet = text_of(outlets[plain->outlet]),
                                                        .date = FIRST_DAY + plain->day}};
        wire_set(&body.story_publication.present, FIELD_story_publication_story);
    }
    fold(run, &body);
}

static void set_kind(struct run *run, int unit, bool squad) {
    note(run, EVENT_UNIT_SET, unit)->squad = squad;
    union event_body body = {
        .unit = {.name = text_of(squad ? "中队" : "别的"), .kind = text_of(squad ? "squad" : "body")}};
    fold(run, &body);
}

static void step(struct run *run) {
    uint32_t dice = desk_draw(run->desk, 100);
    if (dice < 40) {
        send_up(run);
    } else if (dice < 92) {
        step_story(run, dice >= 60);
    } else {
        set_kind(run, (int)desk_draw(run->desk, UNITS), desk_draw(run->desk, 2) == 0);
    }
}

static struct buffer bytes_of(struct run *run, int at) {
    static const int always[2] = {0, 1000};
    struct wire_stories_answer answer = {.present = UINT64_C(1) << FIELD_stories_answer_rows};
    answer.rows = ask(run, at, always, (const char *const[3]){"squad", "story", "outlet"});
    return desk_bytes(SHAPE_stories_answer, &answer);
}

static void equals_a_recount_at_every_event(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run run = {.desk = desk_open(seed)};
        struct buffer given[STEPS];
        int seqs[STEPS];
        for (int unit = 0; unit < UNITS; unit++) {
            set_kind(&run, unit, unit == 1 || unit == 2);
        }
        for (int i = 0; i < STEPS; i++) {
            step(&run);
            seqs[i] = (int)run.desk->seq;
            check_all(&run, seqs[i]);
            given[i] = bytes_of(&run, seqs[i]);
            if (i == STEPS / 2) {
                read_back(&run.desk->aggregator.tally);
            }
        }
        set_kind(&run, 1, false);
        set_kind(&run, 3, true);
        for (int i = 0; i < STEPS; i++) {
            struct buffer again = bytes_of(&run, seqs[i]);
            assert_int_equal(again.length, given[i].length);
            assert_memory_equal(again.data, given[i].data, again.length);
            buffer_free(&again);
            buffer_free(&given[i]);
        }
        for (int at = 0; at <= (int)run.desk->seq; at += 5) {
            check_all(&run, at);
        }
        desk_close(run.desk);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_recount_at_every_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
