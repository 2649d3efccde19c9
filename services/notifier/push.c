/* Pushes: what a provider reports of messages that it took, many at a time, by way of the portal. Whose address was called
 * shows its token; which message is meant, our tag with its signature, or the provider's own handle where it hands back
 * nothing. Answered when all that follows is durable, for the provider forgets it then. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "common/key_file.h"
#include "services/notifier/notifier.h"
#include "services/notifier/report.h"

#define ARENA_BYTES (4 * 1024 * 1024)
#define URL_BYTES 800
#define PATH_BYTES 4200

/* A push that waits for the commit. */
struct push {
    struct work work; /* first: the work is the push */
    struct reply_to to;
    struct arena *arena;
    struct wire_provider_reports wire; /* in the arena */
    int64_t strangers;                 /* reports of messages that are not here */
    int64_t nameless;                  /* of these, by a handle: the answer that names it may be under way */
    int64_t forged;                    /* reports whose tag is not ours */
};

static void free_push(struct push *push) {
    arena_destroy(&push->arena);
    free(push);
}

static int fill_behind(const struct notifier *notifier, struct error *error) {
    char limit[24];
    snprintf(limit, sizeof limit, "%" PRIu64, notifier->progress.goal);
    return error_set(error, ERR_BEHIND, (struct error_words){.limit = limit});
}

/* ---- as work of a turn ---- */

/* 1 and which attempt is meant, 0 none that is known here. */
static int find_attempt(struct notifier *notifier, struct push *push, const struct wire_provider_report *report,
                        struct id *ref, int32_t *attempt, struct error *error) {
    char handle[CHANNEL_HANDLE_MAX + 1];
    struct error forged;
    if (report->tag.length > 0) {
        if (hook_check_tag(&notifier->hook, report->tag, ref, attempt, &forged) == 0) {
            return 1;
        }
        push->forged++;
        return 0;
    }
    snprintf(handle, sizeof handle, "%.*s:%.*s", (int)push->wire.provider.length, push->wire.provider.data,
             (int)report->handle.length, report->handle.length ? report->handle.data : "");
    int found = handles_get(&notifier->store.handles, handle, ref, attempt, error);
    push->nameless += found == 0;
    push->strangers += found == 0;
    return found;
}

static int push_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct push *push = (struct push *)work;
    const struct wire_provider_report *reports = push->wire.reports.items;
    push->strangers = push->nameless = push->forged = 0;
    for (uint32_t i = 0; i < push->wire.reports.count; i++) {
        struct id ref;
        int32_t attempt = 0;
        int found = find_attempt(notifier, push, &reports[i], &ref, &attempt, error);
        if (found == 1) {
            found = report_note(notifier, &ref, attempt, reports[i].code, reports[i].words, error);
            push->strangers += found == 0;
        }
        if (found < 0) {
            return found;
        }
    }
    return 0;
}

static void tell(struct notifier *notifier, const struct push *push) {
    metrics_add(&notifier->service->metrics, METRIC_REPORTS_FORGED, push->forged);
    if (push->forged + push->strangers + push->wire.unread > 0) {
        log_write(&notifier->service->log, LOG_LEVEL_WARN, "delivery reports that change nothing",
                  "provider=%.*s of=%" PRIu32 " unknown=%" PRId64 " forged=%" PRId64 " unreadable=%" PRId64,
                  (int)push->wire.provider.length, push->wire.provider.data, push->wire.reports.count, push->strangers,
                  push->forged, push->wire.unread);
    }
}

/* Where it may name a message whose answer, with the name in it, is still under way, it is to come again. */
static void push_done(struct notifier *notifier, struct work *work) {
    static const char nil = (char)0xC0;
    struct push *push = (struct push *)work;
    struct error error;
    tell(notifier, push);
    if (push->nameless > 0 && notifier->dispatcher.under_way[CHANNEL_SMS] > 0) {
        fill_behind(notifier, &error);
        notifier_refuse(notifier, &push->to, &error);
    } else {
        reply_bytes(&push->to, "noted", (struct text){&nil, 1});
    }
    free_push(push);
}

static void push_refuse(struct notifier *notifier, struct work *work, const struct error *error) {
    struct push *push = (struct push *)work;
    notifier_refuse(notifier, &push->to, error);
    free_push(push);
}

/* ---- as it comes ---- */

static int check_token(struct notifier *notifier, const struct wire_provider_reports *wire, struct error *error) {
    char token[HOOK_MAC_SIZE];
    hook_token(&notifier->hook, wire->provider, token);
    if (wire->token.length == HOOK_MAC_SIZE - 1 && sodium_memcmp(wire->token.data, token, HOOK_MAC_SIZE - 1) == 0) {
        return notifier->gate_open ? 0 : fill_behind(notifier, error); /* its messages may not be here yet */
    }
    metrics_add(&notifier->service->metrics, METRIC_REPORTS_FORGED, 1);
    log_write(&notifier->service->log, LOG_LEVEL_WARN,
              "delivery reports were handed in at an address that is not ours: nothing was changed", "provider=%.*s",
              (int)wire->provider.length, wire->provider.data);
    return error_set(error, ERR_FORGED, (struct error_words){.field = "token"});
}

static int read_push(struct notifier *notifier, struct text payload, struct push *push, struct error *error) {
    push->arena = arena_create(ARENA_BYTES);
    char *kept = push->arena ? arena_copy(push->arena, payload.data, payload.length) : NULL;
    if (!kept) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result =
        payload_read(SHAPE_provider_reports, (struct text){kept, payload.length}, push->arena, &push->wire, error);
    return result < 0 ? result : check_token(notifier, &push->wire, error);
}

void push_take(struct notifier *notifier, const struct request *request, const struct reply_to *to) {
    struct error error = {0};
    struct push *push = calloc(1, sizeof *push);
    if (!push) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        notifier_refuse(notifier, to, &error);
        return;
    }
    push->work = (struct work){.apply = push_apply, .done = push_done, .refuse = push_refuse};
    push->to = *to;
    if (read_push(notifier, request->payload, push, &error) < 0) {
        notifier_refuse(notifier, to, &error);
        free_push(push);
        return;
    }
    turn_add(notifier, &push->work);
}

/* ---- the addresses ---- */

static int tell_address(struct notifier *notifier, const char *provider, struct error *error) {
    char token[HOOK_MAC_SIZE];
    char url[URL_BYTES];
    char name[40];
    char path[PATH_BYTES];
    struct text portal = text_of(notifier->hook.url);
    portal.length -= portal.data[portal.length - 1] == '/';
    hook_token(&notifier->hook, text_of(provider), token);
    snprintf(url, sizeof url, "%.*s/hooks/%s/%s", (int)portal.length, portal.data, provider, token);
    snprintf(name, sizeof name, "%s-url", provider);
    snprintf(path, sizeof path, "%s/%s", notifier->service->state_dir, name);
    unlink(path); /* of an earlier start, perhaps with another address */
    return key_file_write(notifier->service->state_dir, name, true, url, error);
}

int push_tell_addresses(struct notifier *notifier, struct error *error) {
    static const struct {
        const char *name;
        enum setting setting;
    } providers[] = {{"aliyun", SETTING_ALIYUN_URL}, {"tencent", SETTING_TENCENT_URL}, {"mas", SETTING_MAS_URL}};
    int result = 0;
    for (size_t i = 0; i < sizeof providers / sizeof *providers && result == 0; i++) {
        if (notifier->hook.url[0] != '\0' && config_text(notifier->service->config, providers[i].setting)[0] != '\0') {
            result = tell_address(notifier, providers[i].name, error);
        }
    }
    return result;
}
