/* Points. */
#include "services/aggregator/assessment/score.h"

#include <stdlib.h>

static int64_t within(int64_t points, int64_t low, int64_t high) {
    return points < low ? low : points > high ? high : points;
}

int64_t score_figure(const struct scheme_item *item, int64_t value, bool *capped) {
    int64_t times = value > item->beyond ? (value - item->beyond) / item->each : 0;
    int64_t each = item->points < 0 ? -item->points : item->points;
    int64_t most = item->cap < POINTS_MOST ? item->cap : POINTS_MOST;
    int64_t earned = each > 0 && times > most / each ? most + 1 : times * each; /* nothing overflows */
    *capped = item->cap < POINTS_MOST && times > 0 && earned >= most;
    earned = earned > most ? most : earned;
    return item->points < 0 ? -earned : earned;
}

int64_t score_by_hand(const struct scheme_item *item, int64_t given) {
    int64_t most = within(item->points, -item->cap, item->cap);
    return within(given, most < 0 ? most : 0, most < 0 ? 0 : most);
}

int64_t score_bound(const struct scheme *scheme, int64_t points) {
    return within(within(points, scheme->least, scheme->most), -POINTS_MOST, POINTS_MOST);
}

const struct scheme_band *score_band(const struct scheme_band *bands, uint32_t count, int64_t points) {
    for (uint32_t i = 0; i < count; i++) {
        if (bands[i].from <= points && points <= bands[i].to) {
            return &bands[i];
        }
    }
    return NULL;
}

static int compare(const void *a, const void *b, void *data) {
    const int64_t *points = data;
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    if (points[first] != points[second]) {
        return points[first] > points[second] ? -1 : 1;
    }
    return (first > second) - (first < second);
}

void score_rank(const int64_t *points, uint32_t count, uint32_t *order, uint32_t *ranks) {
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
    qsort_r(order, count, sizeof *order, compare, (void *)(uintptr_t)points);
    for (uint32_t i = 0; i < count; i++) {
        bool shared = i > 0 && points[order[i]] == points[order[i - 1]];
        ranks[order[i]] = shared ? ranks[order[i - 1]] : i + 1;
    }
}
