/* Views of reports, rolls of people, and what is owed, made by the by. */
#include "services/aggregator/warmer.h"

#include "services/aggregator/agenda/late.h"
#include "services/aggregator/agenda/present.h"
#include "services/aggregator/people/rolls.h"

#define ROWS_AT_ONCE 2000       /* about 1 ms */
#define ACTIVITIES_AT_ONCE 2000 /* likewise */
#define REPORTS_OF_A_VIEW 16    /* a sum takes about as much memory as six of them */
#define VIEWS_LEAST 1000
#define CHANGES_AT_ONCE 8 /* some ten microseconds each */

int warmer_open(struct warmer *warmer, uv_loop_t *loop, struct tally *tally, struct error *error) {
    int result = uv_idle_init(loop, &warmer->idle);
    if (result == 0) {
        result = uv_timer_init(loop, &warmer->quiet);
    }
    if (result < 0) {
        return error_setf(error, ERR_IO, "uv_idle_init: %s", uv_strerror(result));
    }
    warmer->idle.data = warmer;
    warmer->quiet.data = warmer;
    warmer->tally = tally;
    return 0;
}

/* Whether something is left to do. Without memory the next question does it. */
static bool warm_owings(struct warmer *warmer) {
    return squads_at(&warmer->squads, warmer->tally, AT_HEAD) == 0 &&
           present_refresh(warmer->tally, &warmer->squads, ACTIVITIES_AT_ONCE) > 0;
}

uint32_t warmer_views_most(const struct tally *tally) {
    return tally->reports.count / REPORTS_OF_A_VIEW + VIEWS_LEAST;
}

/* One step; false when there is none left. */
static bool warm(struct warmer *warmer) {
    struct tally *tally = warmer->tally;
    enum catching caught = views_catch_up(tally, CHANGES_AT_ONCE);
    if (caught == CATCH_LOST) {
        warmer->views = (struct view_warming){0};
        warmer->views_done = false;
    }
    if (caught == CATCH_DONE && !warmer->views_done) {
        warmer->views_done = !views_warm(&warmer->views, tally, warmer_views_most(tally));
        return true;
    }
    return caught != CATCH_DONE || rolls_warm(tally, ROWS_AT_ONCE) || warm_owings(warmer) ||
           late_warm(tally, ACTIVITIES_AT_ONCE);
}

static void on_idle(uv_idle_t *idle) {
    struct warmer *warmer = idle->data;
    uint64_t end = uv_hrtime() + WARM_MS * UINT64_C(1000000);
    bool more = true;
    while (more && uv_hrtime() < end) {
        more = warm(warmer);
    }
    if (!more) {
        uv_idle_stop(idle);
    }
}

static void on_quiet(uv_timer_t *quiet) {
    struct warmer *warmer = quiet->data;
    uv_idle_start(&warmer->idle, on_idle);
}

void warmer_wake(struct warmer *warmer) {
    uv_timer_start(&warmer->quiet, on_quiet, WARM_QUIET_MS, 0);
}

void warmer_close(struct warmer *warmer) {
    if (warmer->tally) {
        uv_close((uv_handle_t *)&warmer->idle, NULL);
        uv_close((uv_handle_t *)&warmer->quiet, NULL);
        warmer->tally = NULL;
        squads_free(&warmer->squads);
    }
}
