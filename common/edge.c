/* The edges of the flow: rows of edges.def and look-ups in them. */
#include "common/edge.h"

#include <assert.h>

static const struct edge_row rows[EDGE_COUNT] = {
#define EDGE(NAME, name, pattern, binder, endpoint, peers, prose) \
    [EDGE_##NAME] = {name, EDGE_##pattern, binder, endpoint, peers, prose},
#include "proto/tables/edges.def"
#undef EDGE
};

const struct edge_row *edge_row(enum edge edge) {
    assert(edge < EDGE_COUNT);
    return &rows[edge];
}

int edge_find(struct text name) {
    for (int edge = 0; edge < EDGE_COUNT; edge++) {
        if (text_equal(text_of(rows[edge].name), name)) {
            return edge;
        }
    }
    return -1;
}

bool edge_admits(enum edge edge, const char *peer) {
    return strcmp(peer, "operator") == 0 || words_hold(edge_row(edge)->peers, peer);
}
