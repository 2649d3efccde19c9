/* Intake's side of the stream with a journal, followers, and a bare peer. */
#include "tests/unit/stream_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

void stream_scene_open(struct stream_scene *scene) {
    bus_fixture_open(&scene->fixture);
    fixture_setup(&scene->journal_fixture);
    scene->fixture.log.least = LOG_LEVEL_ERROR + 1;
    scene->config = fixture_config(&scene->fixture, "intake", NULL);
    scene_start(scene);
}

void stream_scene_close(struct stream_scene *scene) {
    scene_stop(scene);
    config_destroy(&scene->config);
    fixture_teardown(&scene->journal_fixture);
    bus_fixture_close(&scene->fixture);
}

int stream_scene_setup(void **state) {
    static struct stream_scene scene;
    scene = (struct stream_scene){0};
    stream_scene_open(&scene);
    *state = &scene;
    return 0;
}

int stream_scene_teardown(void **state) {
    stream_scene_close(*state);
    return 0;
}

/* Only the archiver's key has the right to sides. */
static int authorise(void *data, const char *user, bool side, struct error *error) {
    (void)data;
    if (side && strcmp(user, "service:archiver") != 0) {
        return error_set(error, ERR_NO_RIGHT, (struct error_words){.value = "head", .limit = "side"});
    }
    return 0;
}

void scene_start(struct stream_scene *scene) {
    struct error error = {0};
    scene->journal = fixture_open(&scene->journal_fixture);
    scene->reader = fixture_reader(&scene->journal_fixture);
    scene->bus = fixture_bus(&scene->fixture, scene->config, "intake");
    struct stream_server_options options = {.bus = scene->bus,
                                            .loop = &scene->fixture.loop,
                                            .reader = scene->reader,
                                            .log = &scene->fixture.log,
                                            .metrics = &scene->fixture.metrics,
                                            .authorise = authorise};
    if (stream_server_open(&scene->server, &options, &error) < 0) {
        fail_msg("%s", error.text);
    }
}

void scene_stop(struct stream_scene *scene) {
    if (!scene->bus) {
        return;
    }
    stream_server_close(&scene->server);
    bus_close(&scene->bus);
    journal_reader_close(&scene->reader);
    journal_close(&scene->journal);
}

/* Every other block is handed over, the others are read from the journal: consumers must see no difference. */
static void tell_appended(struct stream_scene *scene, const struct position *head, uint32_t count, int turn) {
    struct arena *arena = arena_create(SIZE_MAX);
    struct journal_block block;
    assert_int_equal(journal_read(scene->reader, head->seq - count, true, arena, &block, NULL), 1);
    stream_server_appended(scene->server, head, turn % 2 == 1 ? &block : NULL, turn % 3 == 0);
    arena_destroy(&arena);
}

void scene_append(struct stream_scene *scene, int blocks, uint32_t count, bool tell) {
    for (int i = 0; i < blocks; i++) {
        struct position head = fixture_append(scene->journal, count);
        if (tell) {
            tell_appended(scene, &head, count, i);
        }
    }
}

/* ---- followers ---- */

static int on_event(struct follower *follower, const struct event *event) {
    char name[64];
    fixture_name(event->seq, name);
    struct id id = fixture_id(event->seq);
    struct text expected = follower->side ? text_of(name) : (struct text){0};
    assert_int_equal(event->seq, follower->seq + 1);
    assert_true(id_equal(&event->id, &id));
    if (event->body->contact.name.length > 0) {
        assert_true(text_equal(event->body->contact.name, expected));
        follower->sides++;
    }
    follower->seq++;
    return 0;
}

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct follower *follower = data;
    struct block_walk walk = {.block = block};
    struct arena *arena = arena_create(SIZE_MAX);
    struct event event;
    int result;
    follower->blocks++;
    if (follower->close_at_first) {
        consumer_close(&follower->consumer);
    }
    if (follower->blocks == follower->fail_at) {
        arena_destroy(&arena);
        return error_setf(error, ERR_IO, "the handler's own failure");
    }
    while ((result = block_next(&walk, arena, &event, error)) == 1) {
        on_event(follower, &event);
    }
    arena_destroy(&arena);
    assert_true(result < 0 || (int64_t)after->seq == follower->seq);
    follower->position = *after;
    return result;
}

static void on_stopped(void *data, const struct error *error) {
    struct follower *follower = data;
    follower->stops++;
    follower->code = error->code;
    snprintf(follower->text, sizeof follower->text, "%s", error->text);
}

static void on_head(void *data, const struct position *head, bool connected) {
    struct follower *follower = data;
    follower->lost += follower->connected && !connected;
    follower->connected = connected;
    follower->head = *head;
}

void follower_open(struct follower *follower, struct stream_scene *scene, const char *service,
                   const struct position *position, bool side) {
    struct error error = {0};
    follower->scene = scene;
    follower->side = side;
    follower->config = fixture_config(&scene->fixture, service, NULL);
    follower->bus = fixture_bus(&scene->fixture, follower->config, service);
    struct consumer_options options = {.bus = follower->bus,
                                       .loop = &scene->fixture.loop,
                                       .log = &scene->fixture.log,
                                       .side = side,
                                       .patient = follower->patient,
                                       .credit = 16,
                                       .block = on_block,
                                       .stopped = on_stopped,
                                       .head = on_head,
                                       .data = follower};
    if (position) {
        struct arena *arena = arena_create(SIZE_MAX);
        struct journal_block block;
        options.position = *position;
        follower->seq = (int64_t)position->seq;
        if (position->seq > 0 && journal_read(scene->reader, position->seq - 1, false, arena, &block, NULL) == 1) {
            options.hash = block.hash;
        }
        arena_destroy(&arena);
    }
    if (consumer_open(&follower->consumer, &options, &error) < 0) {
        fail_msg("%s", error.text);
    }
}

void follower_close(struct follower *follower) {
    consumer_close(&follower->consumer);
    bus_close(&follower->bus);
    uv_run(&follower->scene->fixture.loop, UV_RUN_NOWAIT);
    config_destroy(&follower->config);
}

bool follower_reaches(struct follower *follower, int64_t seq, int limit_ms) {
    return fixture_run_until(&follower->scene->fixture, &follower->seq, seq, limit_ms);
}

/* ---- a bare peer ---- */

static void on_bare(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct bare_peer *peer = data;
    assert_int_equal(message->count, 4);
    if (text_equal(message->frames[1], text_of("block"))) {
        peer->blocks++;
        buffer_append(&peer->bytes, message->frames[3].data, message->frames[3].length);
        return;
    }
    peer->answers++;
    snprintf(peer->verb, sizeof peer->verb, "%.*s", (int)message->frames[1].length, message->frames[1].data);
}

void bare_open(struct bare_peer *peer, struct stream_scene *scene) {
    struct error error = {0};
    peer->config = fixture_config(&scene->fixture, "aggregator", NULL);
    peer->bus = fixture_bus(&scene->fixture, peer->config, "aggregator");
    if (bus_connect(peer->bus, EDGE_STREAM, on_bare, peer, &peer->socket, &error) < 0) {
        fail_msg("%s", error.text);
    }
}

void bare_close(struct bare_peer *peer) {
    bus_socket_close(&peer->socket);
    bus_close(&peer->bus);
    config_destroy(&peer->config);
    buffer_free(&peer->bytes);
}

void bare_send(struct bare_peer *peer, struct stream_scene *scene, const char *verb, enum shape_index shape,
               const void *value) {
    struct buffer payload = {0};
    if (value) {
        assert_int_equal(codec_encode(shape_of(shape), value, &payload), 0);
    } else {
        buffer_append(&payload, "\xC0", 1);
    }
    const struct text frames[] = {
        text_of("CX1"), text_of(verb), text_of("here"), {(const char *)payload.data, (uint32_t)payload.length}};
    int64_t began = 0;
    while (bus_send(peer->socket, NULL, frames, 4) < 0) {
        assert_false(fixture_turn(&scene->fixture, &began, 5000));
    }
    buffer_free(&payload);
}
