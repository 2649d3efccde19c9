/* Verification: the stream is folded again from the beginning, beside the work, up to where the tally stood when it was
 * asked for; both must say the same. */
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/digest.h"
#include "services/aggregator/fold.h"

#define CREDIT_BLOCKS 16

struct verification {
    struct aggregator *aggregator;
    struct reply_to to;
    struct digest expected; /* of the tally, when it was asked for */
    struct tally *fresh;
    struct arena *arena;
    struct consumer *consumer;
    int64_t checked;
};

void verification_close(struct aggregator *aggregator) {
    struct verification *verification = aggregator->verification;
    if (!verification) {
        return;
    }
    consumer_close(&verification->consumer);
    digest_free(&verification->expected);
    tally_destroy(&verification->fresh);
    arena_destroy(&verification->arena);
    free(verification);
    aggregator->verification = NULL;
}

static void finish(struct verification *verification, const char *first_fault) {
    struct aggregator *aggregator = verification->aggregator;
    char position[POSITION_TEXT_SIZE];
    position_format(&verification->expected.position, position);
    service_verified(aggregator->service, &verification->to, verification->checked, position, first_fault);
    verification_close(aggregator);
}

static void compare(struct verification *verification) {
    struct digest found;
    char difference[ERROR_TEXT_MAX] = "no memory to compare";
    if (verification->fresh->position.seq != verification->expected.position.seq ||
        verification->fresh->position.hash != verification->expected.position.hash) {
        finish(verification, "the position of the totals is not one of the journal");
        return;
    }
    bool same = digest_take(verification->fresh, &found) == 0 &&
                digest_compare(&found, &verification->expected, verification->fresh, difference, sizeof difference);
    digest_free(&found);
    finish(verification, same ? NULL : difference);
}

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct verification *verification = data;
    tally_changes_clear(verification->fresh);
    int result = fold_block(verification->fresh, block, after, verification->arena, error);
    if (result < 0) {
        return result;
    }
    verification->checked += block->count;
    if (after->seq >= verification->expected.position.seq) {
        compare(verification);
    }
    return 0;
}

static void on_stopped(void *data, const struct error *error) {
    finish(data, error->text);
}

static int open_verification(struct aggregator *aggregator, struct verification *verification, struct error *error) {
    verification->aggregator = aggregator;
    verification->fresh = tally_create();
    verification->arena = arena_create(SIZE_MAX);
    if (!verification->fresh || !verification->arena || digest_take(aggregator->tally, &verification->expected) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (verification->expected.position.seq == 0) {
        return 0;
    }
    struct consumer_options options = {
        .bus = aggregator->service->bus,
        .loop = aggregator->service->loop,
        .log = &aggregator->service->log,
        .credit = CREDIT_BLOCKS,
        .block = on_block,
        .stopped = on_stopped,
        .data = verification,
    };
    return consumer_open(&verification->consumer, &options, error);
}

void verification_start(struct service *service, const struct reply_to *to) {
    struct aggregator *aggregator = service->state;
    struct error error;
    if (aggregator->verification) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        reply_error(to, &error, 1000, NULL);
        return;
    }
    aggregator->verification = calloc(1, sizeof *aggregator->verification);
    if (!aggregator->verification) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        reply_error(to, &error, 0, NULL);
        return;
    }
    aggregator->verification->to = *to;
    if (open_verification(aggregator, aggregator->verification, &error) < 0) {
        reply_error(to, &error, 0, NULL);
        verification_close(aggregator);
    } else if (aggregator->verification->expected.position.seq == 0) {
        finish(aggregator->verification, NULL);
    }
}
