/* The providers that are spoken to by HTTP: how each is asked, and what its answers mean. All of it is pure; http_way.c
 * carries it out. No live account of any but Kannel was at hand: the signatures are checked against what the vendors
 * published (tests/unit/test_notifier_signatures.c), the codes against their lists.
 */
#pragma once

#include "services/notifier/channels/classify.h"
#include "services/notifier/channels/details.h"
#include "services/notifier/channels/http_request.h"
#include "services/notifier/channels/provider.h"

/* What a provider needs to know of us; the words are those of its settings. */
struct account {
    const char *name; /* "aliyun"; of a robot its own */
    const char *url;
    const char *user;
    const char *sender;
    const char *template;
    const char *variable;
    const char *region;
    const char *machine;
    const char *signature;               /* sms-signature */
    char secret[PROVIDER_PASSWORD_SIZE]; /* "": none */
};

/* A setting of a provider, and where it goes. */
struct account_row {
    size_t offset; /* of the word in struct account */
    enum setting setting;
    bool needed; /* where the provider is used at all */
};

/* The moment of a request, and a number that is used once. */
struct stamp {
    int64_t now;    /* ms since 1970 UTC */
    char nonce[33]; /* hex digits */
};

struct http_kind {
    const char *name;
    enum channel channel;
    enum setting url;               /* it is used where this is set; SETTING_COUNT: a robot's, from its file */
    enum setting secret;            /* a 0600 file */
    const struct account_row *rows; /* ended by a row of SETTING_COUNT */
    struct channel_pace pace;
    /* 0. 1: this can never be sent so, `refusal` says why. -ERR_NO_MEMORY. */
    int (*write)(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                 struct http_ask *ask, struct channel_result *refusal);
    const struct code_table *codes; /* of its answers; NULL where `read` judges them */
    void (*read)(long status, struct text answer, struct verdict *verdict);
    /* Question number `step` (from 0) about a message that may have gone out. 0. 1: there are no more. -ERR_NO_MEMORY.
     * NULL: it cannot be asked. */
    int (*ask)(const struct account *account, const struct channel_inquiry *inquiry, int step,
               const struct stamp *stamp, struct http_ask *ask);
    const struct detail_table *details; /* of its answers */
};

/* SMS */
extern const struct http_kind kannel_kind;
extern const struct http_kind aliyun_kind;
extern const struct http_kind tencent_kind;
extern const struct http_kind mas_kind;
/* robots */
extern const struct http_kind dingtalk_kind;
extern const struct http_kind wecom_kind;
extern const struct http_kind webhook_kind;
/* 浙政钉 */
extern const struct http_kind govding_kind;

/* What an answer of the provider means. */
void http_judge(const struct http_kind *kind, long status, struct text answer, struct verdict *verdict);

/* Of a provider that needs no more than address and secret. */
extern const struct account_row http_no_rows[];

/* Refuses a name, a title and a text that hold what no message may: 0, or 1. */
int http_check_texts(const struct channel_message *message, struct channel_result *refusal);

/* Where an address's host begins and how long it is, with its port; its path. */
struct text http_host(const char *url);
const char *http_path(const char *url);
