/* Stirring. */
#include "services/notifier/restraint/stir.h"

#define ROWS_AT_A_TIME 256

static int stir(struct store *store, int64_t number, int64_t at, struct error *error) {
    struct outbox_row row;
    int found = outbox_get(&store->outbox, number, &row, error);
    if (found < 1 || !course_stir(&row.course, at)) {
        return found < 0 ? found : 0;
    }
    return outbox_put(&store->outbox, &row, error);
}

static int stir_chosen(struct store *store, enum outbox_choice choice, int64_t at, struct error *error) {
    struct outbox_value value = {.number = at};
    int64_t numbers[ROWS_AT_A_TIME];
    int64_t after = 0;
    int count = ROWS_AT_A_TIME;
    while (count == ROWS_AT_A_TIME) {
        count = outbox_choose(&store->outbox, choice, value, after, numbers, ROWS_AT_A_TIME, error);
        for (int i = 0; i < count; i++) {
            int result = stir(store, numbers[i], at, error);
            if (result < 0) {
                return result;
            }
            after = numbers[i];
        }
    }
    return count < 0 ? count : 0;
}

int stir_alerts(struct store *store, int64_t at, struct error *error) {
    return stir_chosen(store, OUTBOX_DELAYED_ALERTS, at, error);
}

int stir_all(struct store *store, int64_t at, struct error *error) {
    return stir_chosen(store, OUTBOX_DELAYED, at, error);
}
