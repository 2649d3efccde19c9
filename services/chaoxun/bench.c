/* chaoxun bench: how many receipts a second, and how long one takes. */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "proto/json.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/load.h"

#define SECONDS_DEFAULT 5

static void print_json(const struct load_options *load, const struct load_result *result) {
    printf("{\"clients\": %u, \"in_flight\": %u, \"events_per_frame\": %u, \"seconds\": %.3f, \"stored\": %llu, "
           "\"busy\": %llu, \"failed\": %llu, \"event_bytes\": %u, \"receipts_per_second\": %.0f, "
           "\"receipt_p50_us\": %lld, \"receipt_p99_us\": %lld, \"receipt_max_us\": %lld",
           load->clients, load->in_flight, load->events_per_frame, result->seconds, (unsigned long long)result->stored,
           (unsigned long long)result->busy, (unsigned long long)result->failed, result->event_bytes,
           (double)result->stored / result->seconds, (long long)histogram_at(&result->receipt_us, 500),
           (long long)histogram_at(&result->receipt_us, 990), (long long)result->receipt_us.most);
    if (load->live) {
        printf(", \"live_p50_us\": %lld, \"live_p99_us\": %lld, \"live_max_us\": %lld",
               (long long)histogram_at(&result->live_us, 500), (long long)histogram_at(&result->live_us, 990),
               (long long)result->live_us.most);
    }
    printf("}\n");
}

static void print_text(const struct load_options *load, const struct load_result *result) {
    printf("%u clients, %u frames of %u events in flight each, events of %u bytes\n", load->clients, load->in_flight,
           load->events_per_frame, result->event_bytes);
    printf("  %llu stored in %.2f s: %.0f receipts/s; %llu busy, %llu failed\n", (unsigned long long)result->stored,
           result->seconds, (double)result->stored / result->seconds, (unsigned long long)result->busy,
           (unsigned long long)result->failed);
    printf("  to the receipt     p50 %lld us, p99 %lld us, most %lld us\n",
           (long long)histogram_at(&result->receipt_us, 500), (long long)histogram_at(&result->receipt_us, 990),
           (long long)result->receipt_us.most);
    if (load->live) {
        printf("  to the live total  p50 %lld us, p99 %lld us, most %lld us\n",
               (long long)histogram_at(&result->live_us, 500), (long long)histogram_at(&result->live_us, 990),
               (long long)result->live_us.most);
    }
}

/* Squads named on the command line: nothing has to be read from the stream, which takes its time when it is long. */
static int name_units(struct registry *registry, const char *list, struct error *error) {
    int status = registry_init(registry, error);
    size_t most = strlen(list) + 1;
    registry->units = status == 0 ? calloc(most, sizeof *registry->units) : NULL;
    if (status == 0 && !registry->units) {
        registry_free(registry);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (size_t length; status == 0 && *list != '\0'; list += length + (list[length] == ',')) {
        length = strcspn(list, ",");
        registry->units[registry->unit_count++] = (struct registry_unit){.path = {list, (uint32_t)length}};
    }
    return status;
}

static int run_load(const struct session *session, struct load_result *result, struct error *error) {
    const struct options *options = session->options;
    struct registry registry;
    const char *units = option_text(options, "units");
    int status = units ? name_units(&registry, units, error) : registry_load(&registry, session, error);
    if (status != 0) {
        return status;
    }
    struct load_options load = {.session = session,
                                .registry = &registry,
                                .clients = (uint32_t)option_int(options, "clients", 1),
                                .in_flight = (uint32_t)option_int(options, "in-flight", 1),
                                .events_per_frame = (uint32_t)option_int(options, "events-per-frame", 1),
                                .events = (uint64_t)option_int(options, "events", 0),
                                .live = option_given(options, "live")};
    load.seconds = option_int(options, "seconds", load.events > 0 ? 0 : SECONDS_DEFAULT);
    if (registry.unit_count == 0) {
        status = error_setf(error, ERR_NOT_FOUND, "any unit: start with --organisation");
    }
    if (status == 0) {
        status = load_run(&load, result, error);
    }
    if (status == 0 && option_given(options, "json")) {
        print_json(&load, result);
    } else if (status == 0) {
        print_text(&load, result);
    }
    registry_free(&registry);
    return status;
}

static int run_bench(const struct options *options) {
    if (option_given(options, "live") && option_int(options, "in-flight", 1) != 1) {
        return command_usage(options, "--live waits for each receipt's total: one frame in flight");
    }
    struct session session;
    struct load_result result = {0};
    struct error error;
    int failed = session_open(&session, options, NULL, NULL, &error);
    if (failed == 0) {
        failed = run_load(&session, &result, &error);
    }
    int status = failed != 0 ? command_fail(options, &error) : result.failed > 0 ? EXIT_REFUSED : 0;
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "clients",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "connections, a thread each (default: 1)",
     .min = 1,
     .max = 1000},
    {.name = "in-flight",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "frames without answer per client (default: 1)",
     .min = 1,
     .max = 1024},
    {.name = "events-per-frame",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "events in a frame (default: 1)",
     .min = 1,
     .max = 1000},
    {.name = "seconds", .kind = OPTION_INT, .word = "N", .prose = "how long (default: 5)", .min = 1, .max = 3600},
    {.name = "events",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "how many altogether, instead of how long",
     .min = 1,
     .max = 1000000000},
    {.name = "units",
     .kind = OPTION_TEXT,
     .word = "PATH,...",
     .prose = "squads to report for (default: all, read from the stream first)"},
    {.name = "live", .kind = OPTION_FLAG, .prose = "measure until the live totals have it, too"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = NULL},
};

const struct command command_bench = {
    .name = "bench",
    .summary = "measure receipts per second and latencies (writes real reports!)",
    .usage = "[OPTION...]",
    .about =
        "Hands in valid reports with Chinese text and side data, and measures until their receipts. They stay in the\n"
        "journal: use it on a data directory of its own. scripts/bench runs the whole series.\n",
    .options = rows,
    .run = run_bench,
};
