/* Repair: runs each service's own program on its own files and carries between them what only one of them knows: where a
 * consumer stands, and whether the journal goes on from there. */
#include "services/chaoxun/repair.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/position.h"
#include "services/chaoxun/services.h"
#include "services/chaoxun/up_lock.h"

#define ARGUMENTS_MAX 80
#define WORD_SIZE 400
#define JOURNAL "intake"

/* A service in the round. */
struct patient {
    const struct service_row *row;
    char asked[WORD_SIZE];   /* "--asked=POSITION", or "" */
    char because[WORD_SIZE]; /* "--because=WHY", or "" */
    bool again;              /* a person wants it to be folded again */
    int status;
};

struct round {
    const struct options *options;
    struct session session;
    struct patient patients[SERVICES_MAX];
    uint32_t count;
    int lock;
    bool drop;
};

static bool is_journal(const struct patient *patient) {
    return strcmp(patient->row->name, JOURNAL) == 0;
}

/* ---- one run ---- */

/* Which lines of a run go where. */
typedef void (*take_line)(struct round *round, struct patient *patient, const char *line);

static void add_words(const struct round *round, const struct patient *patient, bool look,
                      const char *arguments[ARGUMENTS_MAX], char data[SERVICE_DATA_SIZE]) {
    uint32_t count = service_arguments(&round->session, patient->row, data, arguments, ARGUMENTS_MAX - SERVICES_MAX);
    arguments[count++] = "--repair";
    if (round->drop && !look) {
        arguments[count++] = "--drop";
    }
    if (patient->because[0] != '\0') {
        arguments[count++] = patient->because;
    }
    for (uint32_t i = 0; i < round->count && is_journal(patient); i++) {
        if (round->patients[i].asked[0] != '\0') {
            arguments[count++] = round->patients[i].asked;
        }
    }
    arguments[count] = NULL;
}

static int spawn(const char *binary, const char *const arguments[], pid_t *pid, int *output, struct error *error) {
    int ends[2];
    char *argv[ARGUMENTS_MAX + 1] = {(char *)(uintptr_t)binary};
    for (uint32_t i = 0; arguments[i]; i++) {
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_setf(error, ERR_IO, "pipe: %s", strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int result = posix_spawn(pid, binary, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (result != 0) {
        close(ends[0]);
        return error_setf(error, ERR_IO, "%.200s: %s", binary, strerror(result));
    }
    *output = ends[0];
    return 0;
}

static void read_lines(struct round *round, struct patient *patient, int output, take_line take) {
    char *line = NULL;
    size_t size = 0;
    FILE *stream = fdopen(output, "r");
    while (stream && getline(&line, &size, stream) > 0) {
        line[strcspn(line, "\n")] = '\0';
        take(round, patient, line);
    }
    free(line);
    if (stream) {
        fclose(stream);
    }
}

static int run(struct round *round, struct patient *patient, bool look, take_line take, struct error *error) {
    char binary[SESSION_PATH_MAX];
    char data[SERVICE_DATA_SIZE];
    const char *arguments[ARGUMENTS_MAX];
    pid_t pid = -1;
    int output = -1;
    int state = 0;
    add_words(round, patient, look, arguments, data);
    if (!service_binary(patient->row, binary, sizeof binary)) {
        return error_setf(error, ERR_IO, "chaoxun-%s is not beside chaoxun", patient->row->name);
    }
    int result = spawn(binary, arguments, &pid, &output, error);
    if (result < 0) {
        return result;
    }
    read_lines(round, patient, output, take);
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    patient->status = WIFEXITED(state) ? WEXITSTATUS(state) : EXIT_REFUSED;
    return 0;
}

/* ---- what the lines say ---- */

/* "= WORD POSITION REST": true, and what stands behind the word. */
static const char *told(const char *line, const char *word) {
    size_t length = strlen(word);
    bool fits = strncmp(line, "= ", 2) == 0 && strncmp(line + 2, word, length) == 0 && line[2 + length] == ' ';
    return fits ? line + 2 + length + 1 : NULL;
}

static void take_position(struct round *round, struct patient *patient, const char *line) {
    const char *position = told(line, "stands");
    (void)round;
    if (position) {
        snprintf(patient->asked, sizeof patient->asked, "--asked=%.200s", position);
    }
}

/* A consumer that the journal does not go on from. */
static void take_lost(struct round *round, const char *lost) {
    size_t length = strcspn(lost, " ");
    for (uint32_t i = 0; i < round->count; i++) {
        struct patient *patient = &round->patients[i];
        const char *position = strchr(patient->asked, '=');
        if (position && strlen(position + 1) == length && strncmp(position + 1, lost, length) == 0) {
            snprintf(patient->because, sizeof patient->because, "--because=%.*s: %s", (int)length, lost,
                     lost[length] != '\0' ? lost + length + 1 : "");
        }
    }
}

static void take_finding(struct round *round, struct patient *patient, const char *line) {
    const char *lost = told(line, "lost");
    (void)patient;
    if (lost) {
        take_lost(round, lost);
    } else if (*line != '=') {
        printf("%s\n", line);
    }
}

/* ---- the round ---- */

static bool is_derived(const char *name) {
    return strcmp(name, "aggregator") == 0 || strcmp(name, "archiver") == 0 || strcmp(name, "notifier") == 0;
}

/* Whom --again names. */
static int mark_again(struct round *round, struct error *error) {
    const char *word = option_text(round->options, "again");
    while (word && *word != '\0') {
        size_t length = strcspn(word, ",");
        bool known = false;
        for (uint32_t i = 0; i < round->count; i++) {
            const char *name = round->patients[i].row->name;
            bool named = strlen(name) == length && strncmp(word, name, length) == 0;
            known = known || (named && is_derived(name));
            round->patients[i].again = round->patients[i].again || named;
        }
        if (!known) {
            return error_setf(error, ERR_USAGE, "--again: %.*s is none of aggregator, archiver, notifier", (int)length,
                              word);
        }
        word += length + (word[length] == ',');
    }
    return 0;
}

static int open_round(struct round *round, struct error *error) {
    const struct service_row *rows[SERVICES_MAX];
    uint32_t count = service_installed(rows);
    for (uint32_t i = 0; i < count; i++) {
        round->patients[round->count++].row = rows[i];
    }
    int result = session_settings(&round->session, round->options, error);
    if (result == 0) {
        result = mark_again(round, error);
    }
    return result == 0 ? up_lock_take(&round->session, &round->lock, error) : result;
}

static int ask_positions(struct round *round, struct error *error) {
    int result = 0;
    for (uint32_t i = 0; i < round->count && result == 0; i++) {
        if (!is_journal(&round->patients[i])) {
            result = run(round, &round->patients[i], true, take_position, error);
        }
    }
    return result;
}

/* What stays undone when the journal cannot be repaired: consumers may hold the only copies. */
static int repair_each(struct round *round, struct error *error) {
    int result = 0;
    bool stuck = false;
    for (uint32_t i = 0; i < round->count && result == 0 && !stuck; i++) {
        struct patient *patient = &round->patients[i];
        printf("%s\n", patient->row->name);
        fflush(stdout);
        if (patient->again) {
            snprintf(patient->because, sizeof patient->because, "--because=asked for");
        }
        result = run(round, patient, false, take_finding, error);
        stuck = is_journal(patient) && patient->status != 0 && patient->status != EX_DATAERR;
    }
    if (stuck) {
        printf("Nothing else was touched: without the journal, the others hold what is left.\n");
    }
    return result;
}

static int conclude(const struct round *round) {
    bool needed = false;
    bool failed = false;
    for (uint32_t i = 0; i < round->count; i++) {
        int status = round->patients[i].status;
        needed = needed || status == EX_DATAERR;
        failed = failed || (status != 0 && status != EX_DATAERR);
    }
    if (needed && !failed) {
        printf("Nothing was changed. chaoxun verify --repair --drop does it; a backup that is restored loses less.\n");
    }
    return needed || failed ? EXIT_REFUSED : 0;
}

int repair_everything(const struct options *options) {
    struct round round = {.options = options, .lock = -1, .drop = option_given(options, "drop")};
    struct error error;
    int result = open_round(&round, &error);
    if (result == 0) {
        result = ask_positions(&round, &error);
    }
    if (result == 0) {
        result = repair_each(&round, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : conclude(&round);
    session_close(&round.session);
    if (round.lock >= 0) {
        close(round.lock);
    }
    return status;
}
