/* Walks: a follower that ends at the head. */
#include "services/chaoxun/walk.h"

#include "services/chaoxun/follower.h"

#define SILENCE_MS 10000

static int walk(struct follower *follower, walk_each each, void *data, struct error *error) {
    uint64_t head = follower_head(follower).seq;
    uint64_t seq = 0;
    while (seq < head) {
        struct event event;
        int result = follower_next(follower, SILENCE_MS, &event, error);
        if (result == 0) {
            return error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = "intake"});
        }
        if (result == 1) {
            seq = event.seq;
            result = each(data, &event, error);
        }
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

int walk_stream(const struct session *session, bool side, walk_each each, void *data, struct error *error) {
    struct client *client = NULL;
    struct follower *follower = NULL;
    int result = session_connect(session, EDGE_STREAM, &client, error);
    if (result == 0) {
        result = follower_open(&follower, client, &(struct position){0}, side, SESSION_CALL_MS, error);
        if (result == -(int)ERR_UNAVAILABLE) {
            result = session_unreachable(session, EDGE_STREAM, error);
        }
    }
    if (result == 0) {
        result = walk(follower, each, data, error);
    }
    follower_close(&follower);
    client_close(&client);
    return result;
}
