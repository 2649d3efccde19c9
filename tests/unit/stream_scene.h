/* What the tests of the stream share: intake's side with a journal, followers, and a bare peer that only counts. */
#pragma once

#include "common/stream/consumer.h"
#include "common/stream/server.h"
#include "tests/unit/bus_fixture.h"
#include "tests/unit/journal_fixture.h"

struct stream_scene {
    struct bus_fixture fixture;
    struct journal_fixture journal_fixture;
    struct config *config;
    struct bus *bus; /* intake's */
    struct journal *journal;
    struct journal_reader *reader;
    struct stream_server *server;
};

void stream_scene_open(struct stream_scene *scene);
void stream_scene_close(struct stream_scene *scene);

/* The same as set-up and tear-down of a test: `*state` is the scene. */
int stream_scene_setup(void **state);
int stream_scene_teardown(void **state);

/* Intake alone: its bus, journal and stream. */
void scene_start(struct stream_scene *scene);
void scene_stop(struct stream_scene *scene);

/* Appends `blocks` blocks of `count` events; `tell`: the server is told of each, every third time that it came alone. */
void scene_append(struct stream_scene *scene, int blocks, uint32_t count, bool tell);

/* A consumer that checks the content of all it gets. */
struct follower {
    struct stream_scene *scene;
    struct config *config;
    struct bus *bus;
    struct consumer *consumer;
    bool side;
    bool patient;
    bool close_at_first; /* closes itself within the handler */
    int fail_at;         /* the handler fails at this block; 0: never */
    int64_t blocks;
    int64_t seq;   /* the last event */
    int64_t sides; /* events that came with their side */
    int64_t stops;
    enum error_code code; /* why it stopped */
    char text[ERROR_TEXT_MAX];
    struct position position;
    struct position head;
    int64_t connected; /* 1 or 0 */
    int64_t lost;      /* how often the connection went */
};

/* `service`: whose key it has, "archiver" or "aggregator"; only the archiver has the right to sides. */
void follower_open(struct follower *follower, struct stream_scene *scene, const char *service,
                   const struct position *position, bool side);
void follower_close(struct follower *follower);
bool follower_reaches(struct follower *follower, int64_t seq, int limit_ms);

/* A peer that speaks the protocol by hand. */
struct bare_peer {
    struct config *config;
    struct bus *bus;
    struct bus_socket *socket;
    int64_t blocks;
    int64_t answers;     /* of any other verb */
    char verb[32];       /* of the last answer */
    struct buffer bytes; /* payloads of all blocks */
};

void bare_open(struct bare_peer *peer, struct stream_scene *scene);
void bare_close(struct bare_peer *peer);
void bare_send(struct bare_peer *peer, struct stream_scene *scene, const char *verb, enum shape_index shape,
               const void *value); /* waits until it could be sent; `value` NULL is nil */
