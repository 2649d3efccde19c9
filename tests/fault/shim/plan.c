/* The plan: read once from the environment, before the program begins. */
#include "tests/fault/shim/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORD_MAX 256
#define OBJECTS_MAX 8
#define DIE (-3)

struct range {
    uintptr_t begin;
    uintptr_t end;
};

/* What the words say. */
static struct {
    char path[WORD_MAX];
    char except[WORD_MAX];
    char count[WORD_MAX];
    char call[WORD_MAX];
    char nth[WORD_MAX];
    char error[WORD_MAX];
    char again[WORD_MAX];
    char while_file[WORD_MAX];
    char from[WORD_MAX];
    char record[WORD_MAX];
} words;

static const struct {
    const char *name;
    char *value;
} known[] = {
    {"path=", words.path}, {"except=", words.except}, {"count=", words.count}, {"call=", words.call},
    {"nth=", words.nth},   {"error=", words.error},   {"again=", words.again}, {"while=", words.while_file},
    {"from=", words.from}, {"record=", words.record},
};

static const char *const calls[CALLS] = {"write",    "sync",   "folder", "open",  "truncate",
                                         "allocate", "rename", "unlink", "memory"};

static const struct {
    const char *name;
    int value;
} errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC},    {"EMFILE", EMFILE},  {"ENOMEM", ENOMEM},
              {"EDQUOT", EDQUOT}, {"SHORT", PLAN_SHORT}, {"LOST", PLAN_LOST}, {"KILL", DIE}};

static int failing = -1; /* the call that fails; < 0: none */
static uint64_t nth;
static int outcome;
static struct range objects[OBJECTS_MAX];
static int object_count;
static struct plan_count unshared; /* where nobody asked for the counts */
static struct plan_count *count = &unshared;

/* ---- reading it ---- */

static _Noreturn void refuse(const char *what, const char *value) {
    dprintf(STDERR_FILENO, "shim: %s %s: see tests/fault/shim/plan.h\n", what, value);
    _exit(2);
}

static void take_word(const char *word, size_t length) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t name = strlen(known[i].name);
        if (length >= name && strncmp(word, known[i].name, name) == 0 && length - name < WORD_MAX) {
            memcpy(known[i].value, word + name, length - name);
            return;
        }
    }
    refuse("no such word:", word);
}

static void take_call(void) {
    for (int i = 0; i < CALLS && *words.call != '\0'; i++) {
        failing = strcmp(words.call, calls[i]) == 0 ? i : failing;
    }
    if (*words.call != '\0' && failing < 0) {
        refuse("no such call:", words.call);
    }
}

static void take_error(void) {
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        outcome = strcmp(words.error, errors[i].name) == 0 ? errors[i].value : outcome;
    }
    if (failing >= 0 && outcome == 0) {
        refuse("no such error:", words.error);
    }
}

static void share_count(void) {
    int file = *words.count != '\0' ? open(words.count, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0 || ftruncate(file, sizeof *count) < 0) {
        return;
    }
    void *shared = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared != MAP_FAILED) {
        count = shared;
    }
    close(file);
}

/* The program itself comes without a name. */
static int find_objects(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    const char *name = *info->dlpi_name != '\0' ? info->dlpi_name : program_invocation_name;
    if (!strstr(name, words.from)) {
        return 0;
    }
    for (int i = 0; i < info->dlpi_phnum && object_count < OBJECTS_MAX; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0) {
            uintptr_t begin = info->dlpi_addr + segment->p_vaddr;
            objects[object_count++] = (struct range){begin, begin + segment->p_memsz};
        }
    }
    return 0;
}

__attribute__((constructor(200))) static void read_plan(void) {
    const char *word = getenv("CHAOXUN_SHIM");
    while (word && *word != '\0') {
        size_t length = strcspn(word, " ");
        take_word(word, length);
        word += length + strspn(word + length, " ");
    }
    take_call();
    take_error();
    nth = strtoull(words.nth, NULL, 10);
    share_count();
    if (*words.from != '\0') {
        dl_iterate_phdr(find_objects, NULL);
    }
}

/* ---- following it ---- */

static bool holds_now(void) {
    return *words.while_file == '\0' || syscall(SYS_access, words.while_file, F_OK) == 0;
}

int plan_pass(enum call call) {
    uint64_t number = atomic_fetch_add((_Atomic uint64_t *)&count->calls[call], 1) + 1;
    bool due = (int)call == failing && nth > 0 && (number == nth || (number > nth && *words.again == '1'));
    if (!due || !holds_now()) {
        return PLAN_GO_ON;
    }
    atomic_fetch_add((_Atomic uint64_t *)&count->fired, 1);
    if (outcome == DIE) {
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    }
    return outcome;
}

int plan_pass_memory(const void *caller) {
    uintptr_t at = (uintptr_t)caller;
    bool meant = *words.from == '\0';
    for (int i = 0; i < object_count && !meant; i++) {
        meant = objects[i].begin <= at && at < objects[i].end;
    }
    return meant ? plan_pass(CALL_MEMORY) : PLAN_GO_ON;
}

static bool is_folder_above(const char *path) {
    size_t length = strlen(path);
    const char *rest = length > 1 && strncmp(path, words.path, length) == 0 ? words.path + length : "";
    const char *last = strrchr(words.path, '/');
    return *rest == '/' && (rest == last || strchr(rest + 1, '/') == last);
}

bool plan_means(const char *path) {
    bool inside = *words.path != '\0' && strncmp(path, words.path, strlen(words.path)) == 0;
    bool excepted = *words.except != '\0' && strstr(path, words.except);
    return (inside && !excepted) || is_folder_above(path);
}

const char *plan_record_folder(void) {
    return *words.record != '\0' ? words.record : NULL;
}
