/* What a consumer does with what it hears. */
#include "common/stream/act.h"

static const struct {
    const char *verb;
    enum consumer_act opening; /* CONSUMER_OPENING, and only for the answer to the request under way */
    enum consumer_act open;    /* CONSUMER_OPEN */
} acts[] = {
    {"block", CONSUMER_IGNORE, CONSUMER_FOLLOW}, {"blocks", CONSUMER_IGNORE, CONSUMER_FOLLOW_ALL},
    {"opened", CONSUMER_ENTER, CONSUMER_IGNORE}, {"head", CONSUMER_IGNORE, CONSUMER_HEAR},
    {"error", CONSUMER_FAIL, CONSUMER_FAIL},     {"reopen", CONSUMER_IGNORE, CONSUMER_REOPEN},
};

enum consumer_act consumer_act(enum consumer_state state, struct text verb, bool to_open) {
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (text_equal(verb, text_of(acts[i].verb))) {
            return state == CONSUMER_OPEN                 ? acts[i].open
                   : state == CONSUMER_OPENING && to_open ? acts[i].opening
                                                          : CONSUMER_IGNORE;
        }
    }
    return CONSUMER_IGNORE;
}

uint32_t consumer_credit_due(uint32_t owed, uint32_t credit) {
    return owed >= credit / 4 ? owed : 0;
}
