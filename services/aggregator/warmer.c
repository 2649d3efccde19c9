/* Rolls of people, and what is owed, made by the by. */
#include "services/aggregator/warmer.h"

#include "services/aggregator/agenda/present.h"
#include "services/aggregator/people/rolls.h"

#define ROWS_AT_ONCE 5000       /* about 3 ms */
#define ACTIVITIES_AT_ONCE 5000 /* likewise */

int warmer_open(struct warmer *warmer, uv_loop_t *loop, struct tally *tally, struct error *error) {
    int result = uv_idle_init(loop, &warmer->idle);
    if (result < 0) {
        return error_setf(error, ERR_IO, "uv_idle_init: %s", uv_strerror(result));
    }
    warmer->idle.data = warmer;
    warmer->tally = tally;
    return 0;
}

/* Whether something is left to do. Without memory the next question does it. */
static bool warm_owings(struct warmer *warmer) {
    return squads_at(&warmer->squads, warmer->tally, AT_HEAD) == 0 &&
           present_refresh(warmer->tally, &warmer->squads, ACTIVITIES_AT_ONCE) > 0;
}

static void on_idle(uv_idle_t *idle) {
    struct warmer *warmer = idle->data;
    if (!rolls_warm(warmer->tally, ROWS_AT_ONCE) && !warm_owings(warmer)) {
        uv_idle_stop(idle);
    }
}

void warmer_begin(struct warmer *warmer) {
    if (!warmer->begun) {
        warmer->begun = uv_idle_start(&warmer->idle, on_idle) == 0;
    }
}

void warmer_close(struct warmer *warmer) {
    if (warmer->tally) {
        uv_close((uv_handle_t *)&warmer->idle, NULL);
        warmer->tally = NULL;
        squads_free(&warmer->squads);
    }
}
