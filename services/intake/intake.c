/* The service's life: from the journal to open doors, and back. */
#include "services/intake/intake.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/failpoint.h"
#include "services/intake/marks.h"

#define RECENT_IDS 65536                     /* ids in one generation of the duplicates' window */
#define FRAME_ARENA_BYTES (16 * 1024 * 1024) /* the events of a frame, a delegate, a query */
#define EVENT_ARENA_BYTES (4 * 1024 * 1024)  /* one decoded event */
#define DIRECTORY_SLICE 256

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* ---- the journal ---- */

/* The journal goes to the writer's thread, a reader stays on the loop. */
static int open_journal(struct intake *intake, struct error *error) {
    struct service *service = intake->service;
    uint8_t side_key[SIDE_KEY_BYTES];
    int result = keys_load_side(service->keys_dir, side_key, error);
    if (result < 0) {
        return result;
    }
    token_derive_key(side_key, intake->token_key);
    struct journal_options options = {
        .directory = service->state_dir,
        .side_key = side_key,
        .reserve_bytes = config_int(service->config, SETTING_RESERVE_BYTES),
        .wal_bytes = config_int(service->config, SETTING_WAL_BYTES),
        .tail = journal_tail_create(),
        .derive = marks_derive,
        .derive_version = MARKS_VERSION,
    };
    struct journal *journal = NULL;
    result = options.tail ? journal_open(&journal, &options, error) : no_memory(error);
    if (result == 0) {
        intake->head = journal_head(journal);
        if (journal_was_remade(journal)) {
            log_write(&service->log, LOG_LEVEL_WARN, "ids and marks of the journal did not fit and were made again",
                      "");
        }
        if (journal_room(journal, error) < 0) {
            log_error(&service->log, LOG_LEVEL_WARN, "events get busy until there is room", error);
        }
        result = journal_reader_open(&intake->reader, &options, error);
    }
    sodium_memzero(side_key, sizeof side_key);
    journal_tail_release(&options.tail);
    if (result == 0) {
        return committer_open(&intake->committer, service->loop, &journal, commit_finished, intake, error);
    }
    journal_close(&journal);
    return result;
}

/* ---- memory ---- */

static int make_state(struct intake *intake, struct error *error) {
    const struct config *config = intake->service->config;
    struct pending_limits limits = {
        .batch_events = (uint32_t)config_int(config, SETTING_BATCH_EVENTS),
        /* Head and side of a block go to consumers in one frame. */
        .batch_bytes = (size_t)config_int(config, SETTING_MESSAGE_MAX) / 2,
        .events = (uint32_t)config_int(config, SETTING_PENDING_EVENTS),
        .bytes = (size_t)config_int(config, SETTING_PENDING_BYTES),
    };
    pending_begin(&intake->pending, &limits, intake->head.seq + 1);
    intake->directory = directory_create();
    intake->frame_arena = arena_create(FRAME_ARENA_BYTES);
    intake->event_arena = arena_create(EVENT_ARENA_BYTES);
    int result = history_open(&intake->history, intake->reader, &intake->pending, &intake->duplicates.pending);
    bool made = intake->directory && intake->frame_arena && intake->event_arena && result == 0;
    return made ? 0 : no_memory(error);
}

static int apply_marked(struct intake *intake, uint64_t seq) {
    struct event event;
    struct text salt;
    int found = history_event(&intake->history, seq, false, &event, &salt);
    if (found <= 0) {
        return found < 0 ? found : error_setf(&intake->history.error, ERR_CORRUPT, "a mark without its event");
    }
    int result = directory_apply(intake->directory, &event);
    return result < 0 ? no_memory(&intake->history.error) : 0;
}

/* Only the events that made the directory are read, by their mark. */
int intake_load_directory(struct intake *intake) {
    uint64_t seqs[DIRECTORY_SLICE];
    uint64_t after = 0;
    int count;
    directory_clear(intake->directory);
    do {
        count = journal_marked(intake->reader, mark_directory(), after, seqs, DIRECTORY_SLICE, &intake->history.error);
        for (int i = 0; i < count; i++) {
            int result = apply_marked(intake, seqs[i]);
            if (result < 0) {
                return result;
            }
            after = seqs[i];
        }
    } while (count == DIRECTORY_SLICE);
    return count < 0 ? count : 0;
}

/* From the time of the last event on, all stored ids are known in memory. */
static int learn_ids(struct intake *intake, int64_t since, struct error *error) {
    struct id from = id_first_of(since);
    struct id *ids = calloc(RECENT_IDS, sizeof *ids);
    if (!ids) {
        return no_memory(error);
    }
    int count = journal_ids_from(intake->reader, &from, ids, RECENT_IDS, error);
    duplicates_begin(&intake->duplicates, RECENT_IDS, since);
    if (count >= 0) {
        duplicates_learn(&intake->duplicates, ids, (uint32_t)count, count < RECENT_IDS);
    }
    free(ids);
    return count < 0 ? count : 0;
}

static int load_state(struct intake *intake, struct error *error) {
    struct position head;
    struct event last;
    int64_t start = clock_monotonic_us();
    int result = history_last(&intake->history, &head, &last);
    if (result == 1) {
        intake->received_at = last.received_at;
    }
    if (result >= 0) {
        result = intake_load_directory(intake);
    }
    if (result < 0) {
        *error = intake->history.error;
        return result;
    }
    result = learn_ids(intake, intake->received_at, error);
    log_write(&intake->service->log, LOG_LEVEL_INFO, "journal open", "seq=%" PRIu64 " micros=%" PRId64,
              intake->head.seq, clock_monotonic_us() - start);
    return result;
}

/* ---- doors ---- */

static bool authorise_key(void *data, enum edge edge, const char *public_key, char user[BUS_USER_MAX]) {
    const struct intake *intake = data;
    (void)edge;
    return identity_of_key(intake->directory, public_key, user);
}

static int authorise_reader(void *data, const char *user, bool side, struct error *error) {
    const struct intake *intake = data;
    struct identity identity;
    int result = identity_of_peer(intake->directory, user, &identity, error);
    return result < 0 ? result : identity_may_read(&identity, side, error);
}

static int open_handles(struct intake *intake, struct error *error) {
    uv_loop_t *loop = intake->service->loop;
    uv_idle_init(loop, &intake->awake);
    uv_check_init(loop, &intake->seal);
    intake->awake.data = intake;
    intake->seal.data = intake;
    intake->handles = 2;
    int result = days_open(intake, error);
    return result < 0 ? result : verification_open(intake, error);
}

static int open_doors(struct intake *intake, struct error *error) {
    struct service *service = intake->service;
    struct stream_server_options stream = {
        .bus = service->bus,
        .loop = service->loop,
        .reader = intake->reader,
        .log = &service->log,
        .metrics = &service->metrics,
        .authorise = authorise_reader,
        .data = intake,
    };
    FAILPOINT("intake-before-doors");
    bus_set_authorise(service->bus, authorise_key, intake);
    int result = stream_server_open(&intake->stream, &stream, error);
    return result < 0 ? result : door_open(intake, error);
}

/* ---- start, drain, stop ---- */

static int start(struct intake *intake, struct error *error) {
    int (*const steps[])(struct intake *, struct error *) = {open_journal, make_state, load_state, open_handles,
                                                             open_doors};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int result = steps[i](intake, error);
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

int intake_start(struct service *service, struct error *error) {
    struct intake *intake = service->state;
    intake->service = service;
    int result = start(intake, error);
    if (result < 0) {
        intake_stop(service);
        return result;
    }
    char position[POSITION_TEXT_SIZE];
    position_format(&intake->head, position);
    service_set_position(service, position, intake->head.seq);
    service_set_ready(service, true, "");
    return 0;
}

void intake_check_drained(struct intake *intake) {
    if (intake->draining && intake->frames == 0 && intake->pending.events == 0) {
        service_drained(intake->service);
    }
}

void intake_drain(struct service *service) {
    struct intake *intake = service->state;
    intake->draining = true;
    intake_check_drained(intake);
}

static void close_handles(struct intake *intake) {
    uv_handle_t *handles[] = {(uv_handle_t *)&intake->awake, (uv_handle_t *)&intake->seal,
                              (uv_handle_t *)&intake->days.timer, (uv_handle_t *)&intake->verification.slices};
    for (int i = 0; i < intake->handles; i++) {
        uv_close(handles[i], NULL);
    }
    intake->handles = 0;
}

/* Frames that still wait get no receipt: whether their events are stored is told when they are sent again. */
static void free_frames(struct intake *intake) {
    for (struct batch *batch = intake->pending.oldest; batch; batch = batch->next) {
        struct ticket *tickets = batch_tickets(batch);
        for (uint32_t i = 0; i < batch_ticket_count(batch); i++) {
            if (frame_decided(tickets[i].frame)) {
                frame_destroy(&tickets[i].frame);
            }
        }
    }
}

void intake_stop(struct service *service) {
    struct intake *intake = service->state;
    if (intake->door) {
        bus_set_authorise(service->bus, NULL, NULL);
    }
    close_handles(intake);
    stream_server_close(&intake->stream);
    history_close(&intake->history);
    /* The reader first: then the writer is the last to leave and empties the journal's log. */
    journal_reader_close(&intake->reader);
    committer_close(&intake->committer);
    free_frames(intake);
    pending_free(&intake->pending);
    duplicates_free(&intake->duplicates);
    buffer_free(&intake->answer);
    content_free(&intake->content);
    directory_destroy(&intake->directory);
    arena_destroy(&intake->frame_arena);
    arena_destroy(&intake->event_arena);
}
