/* SMS by Kannel: settings, requests, answers. */
#include "services/notifier/channels/sms.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/sms.h"
#include "proto/validate_text.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/kannel.h"
#include "services/notifier/channels/provider.h"
#include "services/notifier/channels/words.h"

#define ANSWER_BYTES_MAX 65536
#define HTTP_FINAL 200
/* Older idle connections are not used again: Kannel may be closing them. */
#define CONNECTION_AGE_SECONDS 10L

struct sms {
    struct curl_loop *curl_loop;
    const char *url; /* these are the config's */
    const char *user;
    const char *sender;
    const char *signature;
    int64_t timeout_ms;
    char password[PROVIDER_PASSWORD_SIZE];
};

struct request {
    struct transfer transfer;
    struct sms *sms;
    channel_done done;
    void *data;
    char *address;
    bool broke_off; /* a connection used before died without an answer */
    struct buffer answer;
};

/* ---- settings ---- */

static int read_settings(struct sms *sms, const struct config *config, struct error *error) {
    sms->url = config_text(config, SETTING_SMS_URL);
    sms->user = config_text(config, SETTING_SMS_USER);
    sms->sender = config_text(config, SETTING_SMS_SENDER);
    sms->signature = config_text(config, SETTING_SMS_SIGNATURE);
    sms->timeout_ms = config_int(config, SETTING_SEND_MS);
    int result = provider_check_url(config, SETTING_SMS_URL, "http", "https", error);
    if (result == 0) {
        result = provider_check_signature(config, error);
    }
    if (result == 0 && sms->user[0] == '\0') {
        result = provider_refuse(SETTING_SMS_USER, "", "the user name that sms-url needs", error);
    }
    if (result == 0) {
        result = provider_read_password(config, SETTING_SMS_PASSWORD, sms->password, error);
    }
    return result;
}

int sms_open(struct sms **sms, struct curl_loop *curl_loop, const struct config *config, struct error *error) {
    *sms = NULL;
    if (config_text(config, SETTING_SMS_URL)[0] == '\0') {
        return 0;
    }
    struct sms *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->curl_loop = curl_loop;
    int result = read_settings(opened, config, error);
    if (result != 0) {
        sms_close(&opened);
        return result;
    }
    *sms = opened;
    return 0;
}

void sms_close(struct sms **sms) {
    if (*sms) {
        sodium_memzero((*sms)->password, sizeof(*sms)->password);
    }
    free(*sms);
    *sms = NULL;
}

/* ---- the answer ---- */

static size_t keep_answer(char *data, size_t size, size_t count, void *target) {
    struct request *request = target;
    size_t room = ANSWER_BYTES_MAX - request->answer.length;
    size_t length = size * count;
    buffer_append(&request->answer, data, length < room ? length : room);
    /* The status has said what matters: more than that is not waited for. */
    return length <= room && !request->answer.failed ? length : 0;
}

static void free_request(struct request *request) {
    free(request->address);
    buffer_free(&request->answer);
    free(request);
}

static void write_result(struct request *request, CURLcode code, struct channel_result *result) {
    struct text answer = {(const char *)request->answer.data, (uint32_t)request->answer.length};
    char status_words[32];
    long status = 0;
    long sent_bytes = 0;
    curl_easy_getinfo(request->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(request->transfer.easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    if (status < HTTP_FINAL) {
        result->outcome = transfer_outcome(code, sent_bytes > 0);
        answer = text_of(request->broke_off ? "the gateway closed the connection without an answer"
                                            : transfer_words(&request->transfer, code));
    } else {
        result->outcome = kannel_outcome(status, answer);
        snprintf(status_words, sizeof status_words, "HTTP %ld", status);
        answer = answer.length > 0 ? answer : text_of(status_words);
    }
    words_clean(answer, request->address, result->words);
}

static void on_ended(struct transfer *transfer, CURLcode code) {
    struct request *request = (struct request *)transfer;
    struct channel_result result;
    write_result(request, code, &result);
    curl_loop_end(request->sms->curl_loop, transfer);
    request->done(request->data, &result);
    free_request(request);
}

/* ---- the request ---- */

/* On a connection used before that dies without an answer, libcurl sends a GET again by itself. Who sent an SMS must
 * not send it twice in silence: once bytes have gone out, there is no second time. */
static int before_request(void *data, char *remote, char *local, int remote_port, int local_port) {
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    struct request *request = data;
    long sent_bytes = 0;
    curl_easy_getinfo(request->transfer.easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    request->broke_off = sent_bytes > 0;
    return request->broke_off ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static int begin(struct request *request, const char *url) {
    struct sms *sms = request->sms;
    if (transfer_init(&request->transfer, url, "http,https", sms->timeout_ms) != 0) {
        return -ERR_NO_MEMORY;
    }
    CURL *easy = request->transfer.easy;
    request->transfer.ended = on_ended;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, CONNECTION_AGE_SECONDS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
    int result = curl_loop_begin(sms->curl_loop, &request->transfer);
    if (result != 0) {
        curl_easy_cleanup(easy);
    }
    return result;
}

static int start(struct sms *sms, const struct channel_message *message, struct text text, channel_done done,
                 void *data) {
    struct kannel_query query = {sms->user, sms->password, sms->sender, message->address, text, message->report_url};
    struct buffer url = {0};
    struct request *request = calloc(1, sizeof *request);
    int result = -ERR_NO_MEMORY;
    if (request) {
        *request = (struct request){.sms = sms, .done = done, .data = data, .address = strdup(message->address)};
    }
    if (request && request->address && kannel_url(sms->url, &query, &url) == 0) {
        result = begin(request, (const char *)url.data);
    }
    if (result != 0 && request) {
        free_request(request);
    }
    if (url.data) {
        sodium_memzero(url.data, url.length);
    }
    buffer_free(&url);
    return result;
}

/* 0, or 1 and what is wrong. */
static int check(const struct channel_message *message, struct text text, struct channel_result *refusal) {
    uint32_t parts = text_is_utf8(text) ? sms_parts(sms_units(text)) : 0;
    if (!text_is_phone(text_of(message->address))) {
        return provider_impossible(refusal, "the recipient's number is none");
    }
    if (!provider_is_line(message->title) || !provider_is_prose(message->text)) {
        return provider_impossible(refusal, "title or text hold characters that cannot be sent");
    }
    if (parts == 0 || (message->title[0] == '\0' && message->text[0] == '\0')) {
        return provider_impossible(refusal, "there is no text");
    }
    if (parts > SMS_PARTS_MAX) {
        return provider_impossible(refusal, "the text takes %u SMS, at most %d are sent", parts, SMS_PARTS_MAX);
    }
    return 0;
}

int sms_send(struct sms *sms, const struct channel_message *message, channel_done done, void *data,
             struct channel_result *refusal) {
    struct buffer composed = {0};
    compose_sms(text_of(sms->signature), text_of(message->title), text_of(message->text), &composed);
    struct text text = {(const char *)composed.data, (uint32_t)composed.length};
    int result = composed.failed ? -ERR_NO_MEMORY : check(message, text, refusal);
    if (result == 0) {
        result = start(sms, message, text, done, data);
    }
    buffer_free(&composed);
    return result;
}
