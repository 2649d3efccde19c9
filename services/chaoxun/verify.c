/* chaoxun verify: each service checks what it holds; the first row that does not fit is named. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/json.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/repair.h"
#include "services/chaoxun/services.h"

#define ARENA_BYTES (1 * 1024 * 1024)
#define MS_PER_SECOND 1000
#define WAIT_DEFAULT_S 3600

/* The worst that was found. */
struct verdict {
    bool misfit;
    bool silent;
    struct error error;
};

static void print_answer(const struct wire_verify_answer *answer, enum error_language language) {
    printf(language_pick(language, "%-12.*s %s  %lld rows checked", "%-12.*s %s  已核对 %lld 行"),
           (int)answer->service.length, answer->service.data,
           answer->ok ? language_pick(language, "fits", "相符") : language_pick(language, "DOES NOT FIT", "不符"),
           (long long)answer->checked);
    if (answer->position.length > 0) {
        printf("  %.*s", (int)answer->position.length, answer->position.data);
    }
    if (!answer->ok) {
        printf("\n    %.*s", (int)answer->first_fault.length, answer->first_fault.data);
    }
    putchar('\n');
}

static void verify_one(const struct session *session, const struct service_row *row, struct verdict *verdict) {
    struct wire_verify_answer answer = {.ok = false};
    struct arena *arena = arena_create(ARENA_BYTES);
    int timeout_ms = (int)option_int(session->options, "wait", WAIT_DEFAULT_S) * MS_PER_SECOND;
    int result = arena ? session_ask(session, row->control, "verify", (struct text){0}, timeout_ms,
                                     shape_of(SHAPE_verify_answer), arena, &answer, &verdict->error)
                       : error_set(&verdict->error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        print_answer(&answer, session->language);
        verdict->misfit = verdict->misfit || !answer.ok;
    } else {
        printf("%-12s %s\n", row->name, verdict->error.text);
        verdict->silent = true;
    }
    fflush(stdout);
    arena_destroy(&arena);
}

/* A service that does not answer is found at once, not after the long wait for its verification. */
static bool answers(const struct session *session, const struct service_row *row, struct verdict *verdict) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct wire_status_answer answer;
    bool alive = arena && service_status(session, row, SESSION_CALL_MS, arena, &answer, &verdict->error) == 0;
    if (!alive) {
        printf("%-12s %s\n", row->name, language_pick(session->language, verdict->error.text, verdict->error.text_zh));
        verdict->silent = true;
    }
    arena_destroy(&arena);
    return alive;
}

static int verify_everything(const struct options *options) {
    const struct service_row *rows[SERVICES_MAX];
    uint32_t count = service_installed(rows);
    struct session session;
    struct verdict verdict = {.misfit = false};
    if (session_open(&session, options, NULL, NULL, &verdict.error) != 0) {
        int status = command_fail(options, &verdict.error);
        session_close(&session);
        return status;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (answers(&session, rows[i], &verdict)) {
            verify_one(&session, rows[i], &verdict);
        }
    }
    if (verdict.misfit) {
        printf("%s\n",
               language_pick(session.language, "What can be done: stop everything, then chaoxun verify --repair",
                             "处理办法：先停止所有服务，再运行 chaoxun verify --repair"));
    }
    session_close(&session);
    return verdict.misfit ? EXIT_REFUSED : verdict.silent ? EXIT_UNREACHABLE : 0;
}

static int run_verify(const struct options *options) {
    bool repair = option_given(options, "repair");
    if (!repair && (option_given(options, "drop") || option_given(options, "again"))) {
        return command_usage(options, "--drop and --again go with --repair");
    }
    return repair ? repair_everything(options) : verify_everything(options);
}

static const struct option_row rows[] = {
    {.name = "wait",
     .kind = OPTION_INT,
     .word = "SECONDS",
     .prose = "how long one service may take (default: 3600)",
     .min = 1,
     .max = 86400},
    {.name = "repair",
     .kind = OPTION_FLAG,
     .prose = "while everything is stopped: say what does not fit and what would be dropped"},
    {.name = "drop", .kind = OPTION_FLAG, .prose = "with --repair: do it"},
    {.name = "again",
     .kind = OPTION_LIST,
     .word = "SERVICE",
     .prose = "with --repair: this service folds everything again, whatever its files look like",
     .values = "aggregator archiver notifier"},
    {.name = NULL},
};

const struct command command_verify = {
    .name = "verify",
    .summary = "let each service verify itself, name the first row that does not fit; repair",
    .usage = "[OPTION...]",
    .about =
        "intake walks the chain of the whole journal and the commitments of its sides; what is folded from it is "
        "folded\n"
        "again and compared. Exit status 1 when something does not fit, 69 when a service does not answer.\n\n"
        "With --repair, while everything is stopped, each service looks at its files and says what would be dropped: "
        "of\n"
        "the journal everything from the first block on that does not fit, with its seqs, times and types; names and "
        "texts\n"
        "that cannot be read any more; rows of accounts. What is derived is folded again. --drop does it: the damaged "
        "files\n"
        "go into a folder damaged-DATE beside them, none is deleted, and the journal goes on in a new epoch. Exit "
        "status "
        "1\n"
        "when something is to be repaired. A backup that is restored loses less.\n",
    .options = rows,
    .run = run_verify,
};
