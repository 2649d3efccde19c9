/* chaoxun bench disk: what the disk itself can do, to compare with. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/histogram.h"
#include "services/chaoxun/session.h"

#define RECORD_BYTES 512
#define RECYCLED_BYTES (4 * 1024 * 1024)
#define SECONDS_DEFAULT 3

struct measured {
    uint64_t syncs;
    double seconds;
    struct histogram sync_us;
};

/* Appends 512 bytes and calls fdatasync, again and again. A recycled file is written full once before and then over. */
static int measure(int descriptor, bool recycled, int64_t seconds, struct measured *measured) {
    char record[RECORD_BYTES];
    memset(record, 'x', sizeof record);
    if (recycled) {
        for (int i = 0; i < RECYCLED_BYTES / RECORD_BYTES; i++) {
            if (pwrite(descriptor, record, sizeof record, (off_t)i * RECORD_BYTES) != RECORD_BYTES) {
                return -1;
            }
        }
        fsync(descriptor);
    }
    int64_t start_us = clock_monotonic_us();
    int64_t now = start_us;
    for (off_t offset = 0; now - start_us < seconds * 1000000; offset += RECORD_BYTES) {
        int64_t before = now;
        off_t place = recycled ? offset % RECYCLED_BYTES : offset;
        if (pwrite(descriptor, record, sizeof record, place) != RECORD_BYTES || fdatasync(descriptor) != 0) {
            return -1;
        }
        now = clock_monotonic_us();
        histogram_add(&measured->sync_us, now - before, 1);
        measured->syncs++;
    }
    measured->seconds = (double)(now - start_us) / 1e6;
    return 0;
}

static void print(const struct measured *measured, bool recycled, bool json) {
    printf(json ? "{\"file\": \"%s\", \"syncs_per_second\": %.0f, \"p50_us\": %lld, \"p99_us\": %lld}\n"
                : "%-9s file: %.0f appends of 512 bytes with fdatasync a second, p50 %lld us, p99 %lld us\n",
           recycled ? "recycled" : "growing", (double)measured->syncs / measured->seconds,
           (long long)histogram_at(&measured->sync_us, 500), (long long)histogram_at(&measured->sync_us, 990));
}

static int measure_file(const char *path, bool recycled, const struct options *options, struct error *error) {
    struct measured measured = {.syncs = 0};
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result =
        descriptor < 0 ? -1 : measure(descriptor, recycled, option_int(options, "seconds", SECONDS_DEFAULT), &measured);
    if (result != 0) {
        error_setf(error, ERR_IO, "%.200s: %s", path, strerror(errno));
    } else {
        print(&measured, recycled, option_given(options, "json"));
    }
    if (descriptor >= 0) {
        close(descriptor);
        unlink(path);
    }
    return result;
}

static int run_disk(const struct options *options) {
    struct session session;
    struct error error;
    char path[SESSION_PATH_MAX];
    int result = session_settings(&session, options, &error);
    if (result == 0) {
        result = directory_make(config_text(session.config, SETTING_DATA), &error);
    }
    if (result == 0) {
        result = session_path(&session, "bench.tmp", path, sizeof path, &error);
    }
    for (int recycled = 0; recycled < 2 && result == 0; recycled++) {
        result = measure_file(path, recycled != 0, options, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "seconds",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "how long for each file (default: 3)",
     .min = 1,
     .max = 600},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON, a line per file"},
    {.name = NULL},
};

const struct command command_bench_disk = {
    .name = "bench disk",
    .summary = "measure how often a second this disk makes 512 bytes durable",
    .usage = "[OPTION...]",
    .about = "Appends and syncs a growing file, then a file that was written before, in the data directory.\n",
    .options = rows,
    .run = run_disk,
};
