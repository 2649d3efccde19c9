/* Fuzzes questions at the outbox door: the first byte says who asks what, the rest is the question. Whatever is asked is
 * refused by name or answered; what is answered keeps to the asker's unit and tells no names without the right; no bytes
 * are a delivery report that the notifier's own key signed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/notifier/question.h"
#include "services/notifier/rights.h"

#define NOTICES 6
#define PEOPLE 9
#define ANSWER_BYTES_MAX (16 * 1024 * 1024)

struct desk {
    struct notifier notifier;
    struct service service;
    uv_loop_t loop;
    struct arena *arena;
    char folder[200];
    char path[220];
};

static const char *const units[] = {"haining/xiashi", "haining/xucun", "haining/xucun/t1"};

static void leave(void);

/* ---- a small office ---- */

static struct id an_id(uint8_t number) {
    return (struct id){{1, 2, 3, [ID_BYTES - 1] = number}};
}

static void add_contact(struct store *store, int number) {
    char person[8];
    char phone[16];
    snprintf(person, sizeof person, "P-%d", number);
    snprintf(phone, sizeof phone, "1380000%04d", number);
    union event_body body = {
        .contact = {.person = text_of(person), .name = text_of("王小明"), .phone = text_of(phone)}};
    struct event event = {.id = an_id((uint8_t)(100 + number)), .unit = text_of(units[number % 3]), .body = &body};
    int result = contacts_set(&store->contacts, &event, NULL);
    assert(result == 0);
}

static void add_notice(struct store *store, int number) {
    struct notice_row notice = {.seq = 10 + number,
                                .id = an_id((uint8_t)number),
                                .unit = text_of("haining"),
                                .units = text_of(number % 2 ? "haining/xiashi haining/xucun" : "haining/xucun"),
                                .received_at = 1000 + number,
                                .source = text_of("account:office"),
                                .title = text_of("高温"),
                                .text = text_of("停止户外活动")};
    int result = notices_put(&store->notices, &notice, NULL);
    assert(result == 0);
    for (int person = 0; person < PEOPLE; person++) {
        struct outbox_row row = {.notice = notice.id,
                                 .notice_seq = notice.seq,
                                 .issued_at = notice.received_at,
                                 .channel = person % 2 ? CHANNEL_EMAIL : CHANNEL_SMS,
                                 .place = person,
                                 .course = {.state = (enum delivery)((number + person) % DELIVERY_COUNT)},
                                 .name = "王小明",
                                 .address = "13800138000",
                                 .words = "0: Accepted"};
        snprintf(row.person, sizeof row.person, "P-%d", person);
        snprintf(row.unit, sizeof row.unit, "%s", units[person % 3]);
        result = outbox_add(&store->outbox, &row, NULL);
        assert(result == 1);
    }
}

static void add_client(struct store *store, const char *name, char letter, enum role role) {
    char key[] = "_VOq(6iY0?>E1#Wc0gBGt8vV4m!9tZ-Lx7Rk2NpQ";
    key[0] = letter;
    union event_body body = {.client = {.client = text_of(name), .key = text_of(key), .role = (int32_t)role}};
    struct event event = {.unit = text_of("haining/xucun"), .body = &body};
    int result = clients_put(&store->clients, &event, NULL);
    assert(result == 0);
}

static void furnish(struct store *store) {
    int result = store_begin(store, NULL);
    assert(result == 0);
    for (int i = 0; i < 3; i++) {
        const struct wire_unit unit = {.name = text_of("中队"), .kind = text_of("squad"), .order = i};
        result = units_put(&store->units, text_of(units[i]), &unit, NULL);
        assert(result == 0);
    }
    for (int i = 0; i < PEOPLE; i++) {
        add_contact(store, i);
    }
    for (int i = 0; i < NOTICES; i++) {
        add_notice(store, i);
    }
    add_client(store, "squad", 's', ROLE_SQUAD);
    add_client(store, "office", 'o', ROLE_OFFICE);
    store->position = (struct position){7, 1, 99, 5};
    result = store_commit(store, NULL);
    assert(result == 0);
}

static struct desk *the_desk(void) {
    static struct desk *desk;
    if (desk) {
        return desk;
    }
    desk = calloc(1, sizeof *desk);
    assert(desk);
    const char *temporary = getenv("TMPDIR");
    snprintf(desk->folder, sizeof desk->folder, "%s/chaoxun-fuzz-XXXXXX", temporary ? temporary : "/tmp");
    char *made = mkdtemp(desk->folder);
    assert(made);
    snprintf(desk->path, sizeof desk->path, "%s/notifier.db", desk->folder);
    desk->service = (struct service){.log = {"notifier", LOG_LEVEL_ERROR, STDERR_FILENO}, .loop = &desk->loop};
    desk->notifier.service = &desk->service;
    desk->notifier.hook = (struct hook){.key = {1, 2, 3}, .url = ""};
    desk->arena = arena_create(ANSWER_BYTES_MAX);
    desk->notifier.question_arena = arena_create(ANSWER_BYTES_MAX);
    int result = uv_loop_init(&desk->loop);
    assert(result == 0 && desk->arena && desk->notifier.question_arena);
    result = config_parse(&desk->service.config, "defaults", text_of(""), NULL);
    assert(result == 0);
    result = channels_open(&desk->notifier.channels, &desk->loop, desk->service.config, &desk->service.log, NULL);
    assert(result == 0);
    result = store_open(&desk->notifier.store, desk->path, &desk->service.log, NULL);
    assert(result == 0);
    furnish(&desk->notifier.store);
    atexit(leave);
    return desk;
}

static void leave(void) {
    struct desk *desk = the_desk();
    store_close(&desk->notifier.store);
    unlink(desk->path);
    rmdir(desk->folder);
}

/* ---- what an answer may hold ---- */

struct asker {
    const char *user;
    const char *unit; /* "": all of them */
    bool leads;
};

static const struct asker askers[] = {
    {"service:portal", "", true},
    {"service:operator", "", true},
    {"client:squad:sVOq(6iY0?>E1#Wc", "haining/xucun", false},
    {"client:office:oVOq(6iY0?>E1#Wc", "haining/xucun", true},
    {"client:office:xVOq(6iY0?>E1#Wc", "", false}, /* has not that key */
    {"service:archiver", "", false},               /* has no business here */
};

static void *decode(struct desk *desk, enum shape_index shape, struct text bytes, void *value) {
    struct faults faults = {0};
    arena_reset(desk->arena);
    int result = codec_decode(shape_of(shape), bytes, desk->arena, value, &faults);
    assert(result == 0);
    return value;
}

static void check_notices(struct desk *desk, const struct asker *asker, struct text query, struct text answer) {
    struct wire_notices_query asked;
    struct wire_notices_answer found;
    decode(desk, SHAPE_notices_query, query, &asked);
    int64_t limit = wire_has(asked.present, FIELD_notices_query_limit) ? asked.limit : NOTICES;
    decode(desk, SHAPE_notices_answer, answer, &found);
    const struct wire_notice_entry *rows = found.rows.items;
    assert(found.rows.count <= limit && found.rows.count <= NOTICES);
    for (uint32_t i = 0; i < found.rows.count; i++) {
        assert(i == 0 || rows[i].seq < rows[i - 1].seq);
        int64_t messages = 0;
        const struct wire_state_count *counts = rows[i].counts.items;
        for (uint32_t k = 0; k < rows[i].counts.count; k++) {
            messages += counts[k].count;
        }
        assert(messages <= (asker->unit[0] == '\0' ? PEOPLE : PEOPLE * 2 / 3));
    }
#ifdef PLANTED_BUG
    /* A careless screen: has room for two notices. */
    assert(found.rows.count <= 2);
#endif
}

static void check_notice(struct desk *desk, const struct asker *asker, struct text query, struct text answer) {
    struct wire_notice_query asked;
    struct wire_notice_status found;
    char within[EVENT_UNIT_MAX + 1];
    decode(desk, SHAPE_notice_query, query, &asked);
    snprintf(within, sizeof within, "%.*s", (int)asked.within.length, asked.within.length ? asked.within.data : "");
    decode(desk, SHAPE_notice_status, answer, &found);
    const struct wire_delivery_row *rows = found.rows.items;
    for (uint32_t i = 0; i < found.rows.count; i++) {
        assert(path_is_within(rows[i].unit, text_of(asker->unit)) && path_is_within(rows[i].unit, text_of(within)));
        assert(rows[i].address.length == 0 || strstr(rows[i].address.data, "***"));
        assert((asker->leads && asked.side) ||
               rows[i].name.length + rows[i].address.length + rows[i].words.length == 0);
    }
}

static void check_preview(struct desk *desk, const struct asker *asker, struct text query, struct text answer) {
    struct wire_preview_answer found;
    (void)query;
    decode(desk, SHAPE_preview_answer, answer, &found);
    const struct wire_preview_unit *rows = found.units.items;
    int64_t most = 0;
    int64_t sum = 0;
    for (uint32_t i = 0; i < found.units.count; i++) {
        assert(path_is_within(rows[i].unit, text_of(asker->unit)) && rows[i].people <= PEOPLE);
        most = rows[i].people > most ? rows[i].people : most;
        sum += rows[i].people;
    }
    assert(asker->leads && found.people >= most && found.people <= sum && found.people <= PEOPLE);
}

static const struct {
    const char *verb;
    void (*check)(struct desk *desk, const struct asker *asker, struct text query, struct text answer);
} verbs[] = {{"notices", check_notices}, {"notice", check_notice}, {"preview", check_preview}};

#define ASKERS (sizeof askers / sizeof *askers)
#define VERBS (sizeof verbs / sizeof *verbs)

/* ---- reports ---- */

static void check_report(struct desk *desk, struct text payload) {
    struct wire_delivery_report report;
    struct faults faults = {0};
    struct error error = {0};
    struct id ref;
    int32_t attempt;
    arena_reset(desk->arena);
    if (codec_decode(shape_of(SHAPE_delivery_report), payload, desk->arena, &report, &faults) == 0) {
        int result = hook_check(&desk->notifier.hook, report.ref, report.mac, &ref, &attempt, &error);
        assert(result == -ERR_FORGED);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct desk *desk = the_desk();
    struct position wanted;
    struct text answer = {0};
    struct error error = {0};
    if (size == 0) {
        return 0;
    }
    const struct asker *asker = &askers[data[0] / VERBS % ASKERS];
    size_t verb = data[0] % VERBS;
    struct text payload = {(const char *)data + 1, (uint32_t)size - 1};
    check_report(desk, payload);
    const struct question *question = question_of(text_of(verbs[verb].verb));
    int result = question_wanted(&desk->notifier, question, payload, &wanted, &error);
    if (result == 0) {
        result = question_answer(&desk->notifier, question, asker->user, payload, &answer, &error);
    }
    if (result < 0) {
        assert(error.code != ERR_OK && (int)error.code == -result && error.text_zh[0] != '\0');
        assert(error.code != ERR_IO && error.code != ERR_CORRUPT && error.code != ERR_NO_MEMORY);
        return 0;
    }
    assert(asker < &askers[4]);
    verbs[verb].check(desk, asker, payload, answer);
    return 0;
}
