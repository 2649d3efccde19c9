/* The opening: what a person at the terminal waits for. */
#include "services/chaoxun/opening.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/chaoxun/csv.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/http.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/registry.h"
#include "services/chaoxun/services.h"

#define ARENA_BYTES (4 * 1024 * 1024)
#define STATUS_MS 1000
#define PAUSE_MS 20
#define COMPLAIN_MS 10000
#define PATIENCE_MS 600000 /* a service that is damaged stays away until a person has looked */
#define ADDRESS_MAX 256

static bool stopped(const struct opening *opening) {
    bool late = opening->patience_us > 0 && clock_monotonic_us() > opening->started_us + opening->patience_us;
    return late || atomic_load(&opening->stop);
}

static void say(const char *line) {
    printf("%s\n", line);
    fflush(stdout);
}

/* ---- what it will need ---- */

int opening_prepare(struct opening *opening, const struct options *options, struct error *error) {
    const char *organisation = option_text(options, "organisation");
    int result = first_start_prepare(&opening->first, opening->session, option_given(options, "new-password"), error);
    if (result == 0 && organisation) {
        result = organisation_read(&opening->organisation, organisation, opening->first.at, error);
    }
    if (result == 0 && opening->demo && access(opening->demo, R_OK) != 0) {
        result = error_setf(error, ERR_IO, "%.200s: %s", opening->demo, strerror(errno));
    }
    return result;
}

void opening_free(struct opening *opening) {
    organisation_free(&opening->organisation);
    first_start_wipe(&opening->first);
}

/* ---- readiness ---- */

/* The portal is ready when it has reached and asked everything, as its door says; its status is so before. */
static bool waits_for_others(const struct opening *opening, const struct service_row *row, char *why, size_t size) {
    return strcmp(row->name, "portal") == 0 && !http_is_green(opening->session, why, size);
}

/* Why the service is not ready yet; false when it is. */
static bool is_waiting(const struct opening *opening, const struct service_row *row, struct arena *arena, char *why,
                       size_t size) {
    struct wire_status_answer answer;
    struct error error;
    arena_reset(arena);
    if (service_status(opening->session, row, STATUS_MS, arena, &answer, &error) != 0) {
        snprintf(why, size, "no answer");
        return true;
    }
    snprintf(why, size, "%.*s", (int)answer.reason.length, answer.reason.length > 0 ? answer.reason.data : "");
    return !answer.ready || waits_for_others(opening, row, why, size);
}

static int refuse_waiting(const struct service_row *row, const char *why, struct error *error) {
    error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = row->name});
    if (error) {
        snprintf(error->text, sizeof error->text, "%s is not ready: %.200s", row->name, why);
    }
    return -(int)ERR_UNAVAILABLE;
}

/* -ERR_UNAVAILABLE when it was stopped meanwhile, or patience ended. */
static int wait_ready(const struct opening *opening, const struct service_row *row, struct error *error) {
    char why[320] = "";
    struct arena *arena = arena_create(ARENA_BYTES);
    int64_t complain_us = clock_monotonic_us() + 1000 * COMPLAIN_MS;
    while (arena && !stopped(opening) && is_waiting(opening, row, arena, why, sizeof why)) {
        if (clock_monotonic_us() > complain_us) {
            printf("Still waiting for %s: %s\n", row->name, why);
            fflush(stdout);
            complain_us = clock_monotonic_us() + 6000 * COMPLAIN_MS;
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    arena_destroy(&arena);
    return stopped(opening) ? refuse_waiting(row, why, error) : 0;
}

static int wait_all(const struct opening *opening) {
    const struct service_row *rows[SERVICES_MAX];
    uint32_t count = service_installed(rows);
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = wait_ready(opening, rows[i], NULL);
    }
    return result;
}

/* ---- the organisation ---- */

struct tally {
    uint32_t stored;
    uint32_t refused;
    enum error_language language;
};

static void take_receipt(void *data, uint64_t number, const struct wire_receipt *receipt) {
    struct tally *tally = data;
    (void)number;
    tally->stored += receipt->status == STATUS_STORED;
    if (receipt_is_refusal(receipt)) {
        tally->refused++;
        receipt_print(stdout, receipt, "organisation:", tally->language);
    }
}

static int hand_in(struct opening *opening, struct tally *tally, struct error *error) {
    struct client *client = NULL;
    struct sender *sender = NULL;
    int result = session_connect(opening->session, EDGE_SUBMIT, &client, error);
    if (result == 0) {
        const struct sender_options options = {.client = client,
                                               .frame_events = 1,
                                               .window = 1,
                                               .patience_ms = PATIENCE_MS,
                                               .receipt = take_receipt,
                                               .data = tally,
                                               .stop = &opening->stop};
        result = sender_open(&sender, &options, error);
    }
    for (uint32_t i = 0; i < opening->organisation.count && result == 0; i++) {
        result = sender_add(sender, &opening->organisation.events[i], error);
    }
    if (result == 0) {
        result = sender_finish(sender, error);
    }
    sender_close(&sender);
    client_close(&client);
    return result;
}

static int create_organisation(struct opening *opening, struct error *error) {
    struct tally tally = {.language = opening->session->language};
    if (opening->organisation.count == 0) {
        return 0;
    }
    int result = hand_in(opening, &tally, error);
    if (result == 0 && tally.refused > 0) {
        return error_setf(error, ERR_CONTRADICTION, "intake refused %u of the organisation's events", tally.refused);
    }
    if (result == 0 && tally.stored > 0) {
        printf("Organisation: %.*s, %u events stored.\n", (int)opening->organisation.brigade.length,
               opening->organisation.brigade.data, tally.stored);
        fflush(stdout);
    }
    return result;
}

/* ---- the demonstration ---- */

static void tell_refusal(void *data, uint32_t row, const struct wire_receipt *receipt) {
    const struct opening *opening = data;
    char label[40];
    snprintf(label, sizeof label, "demonstration, row %u:", row);
    receipt_print(stdout, receipt, label, opening->session->language);
}

static int deal_in(struct opening *opening, struct text bytes, struct csv_summary *summary, struct error *error) {
    struct registry registry;
    struct client *client = NULL;
    int result = registry_load(&registry, opening->session, error);
    if (result != 0) {
        return result;
    }
    result = session_connect(opening->session, EDGE_SUBMIT, &client, error);
    if (result == 0) {
        const struct csv_job job = {.bytes = bytes,
                                    .options = {.unit = registry_import_unit, .data = &registry},
                                    .client = client,
                                    .stop = &opening->stop,
                                    .refusal = tell_refusal,
                                    .data = opening};
        result = csv_import(&job, summary, error);
    }
    client_close(&client);
    registry_free(&registry);
    return result;
}

static int deal_demonstration(struct opening *opening, struct error *error) {
    struct buffer bytes = {0};
    struct csv_summary summary;
    if (!opening->demo) {
        return 0;
    }
    int result = file_read(opening->demo, IMPORT_BYTES_MAX, &bytes, error);
    if (result == 0) {
        result = deal_in(opening, (struct text){(const char *)bytes.data, (uint32_t)bytes.length}, &summary, error);
    }
    buffer_free(&bytes);
    if (result == 0 && summary.stored + summary.rejected > 0) {
        printf("Demonstration: %u real activities from other cities, dealt out over the squads and marked as such; "
               "%u stored, %u refused. Start with --no-demo for none.\n",
               summary.rows, summary.stored, summary.rejected);
        fflush(stdout);
    }
    return result;
}

/* ---- the end ---- */

/* The first password is shown to a person at a terminal, once, and never goes into a file that gathers output. */
void opening_say_sign_in(const struct opening *opening) {
    const char *data = config_text(opening->session->config, SETTING_DATA);
    enum error_language language = opening->session->language;
    if (opening->first.made && isatty(STDOUT_FILENO)) {
        printf(language_pick(language, "  Sign in   %s with the password %s\n", "  登录      账号 %s，密码 %s\n"),
               FIRST_ACCOUNT, opening->first.password);
        printf(language_pick(language, "            (shown this once; also in %s/first-password)\n",
                             "            （只显示这一次；也存于 %s/first-password）\n"),
               data);
        return;
    }
    printf(language_pick(language, "  Sign in   %s; its first password is in %s/first-password\n",
                         "  登录      账号 %s；初始密码在 %s/first-password\n"),
           FIRST_ACCOUNT, data);
}

static void say_ready(const struct opening *opening) {
    char address[ADDRESS_MAX] = "";
    const char *data = config_text(opening->session->config, SETTING_DATA);
    enum error_language language = opening->session->language;
    http_address(opening->session, address, sizeof address, NULL);
    printf("Ready in %.1f s.\n\n", (double)(clock_monotonic_us() - opening->started_us) / 1e6);
    printf(language_pick(language, "  Open      %s/\n", "  网址      %s/\n"), address);
    opening_say_sign_in(opening);
    printf(language_pick(language, "  Token     %s/token, for curl -H \"Authorization: Bearer $(cat %s/token)\"\n",
                         "  令牌      %s/token，用于 curl -H \"Authorization: Bearer $(cat %s/token)\"\n"),
           data, data);
    printf(language_pick(language, "  Log       %s/chaoxun.log\n", "  日志      %s/chaoxun.log\n"), data);
    say(language_pick(language, "  Stop      Ctrl-C", "  停止      Ctrl-C"));
}

int opening_hand_in(struct opening *opening, struct error *error) {
    int result = wait_ready(opening, service_find("intake"), error);
    if (result == 0) {
        result = create_organisation(opening, error);
    }
    return result != 0 ? result : deal_demonstration(opening, error);
}

void opening_run(struct opening *opening) {
    int result = opening_hand_in(opening, &opening->error);
    opening->failed = result != 0 && !stopped(opening);
    if (result == 0 && wait_all(opening) == 0) {
        say_ready(opening);
    }
}
