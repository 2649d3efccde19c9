/* Asking a provider what became of a message: what is asked, and what its answers say; tags and tokens of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/notifier/channels/http_kind.h"
#include "services/notifier/hook.h"

#define PHONE "+8613800138000"
#define NAME "0a1b"
#define CHINA_MIDNIGHT INT64_C(1795795200000) /* 2026-11-28 00:00:00+08:00 */
#define DAY INT64_C(86400000)

static const struct account account = {
    .name = "x", .url = "https://h.test", .user = "u", .sender = "1400", .region = "r", .secret = "s"};
static const struct stamp stamp = {.now = CHINA_MIDNIGHT, .nonce = "00"};

static int asked(const struct http_kind *kind, int64_t from, int64_t until, int step, char out[600]) {
    struct channel_inquiry inquiry = {.address = PHONE, .name = NAME, .from = from, .until = until};
    struct http_ask ask = {0};
    int result = kind->ask(&account, &inquiry, step, &stamp, &ask);
    snprintf(out, 600, "%s %.*s", ask.url.data ? (char *)ask.url.data : "", (int)ask.body.length,
             ask.body.data ? (char *)ask.body.data : "");
    http_ask_free(&ask);
    return result;
}

/* Each day of China in which it may have gone out, the last one first. */
static void aliyun_day_by_day(void **state) {
    (void)state;
    char out[600];
    static const char *const days[] = {"20261128", "20261127", "20261126"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(asked(&aliyun_kind, CHINA_MIDNIGHT - DAY - 1, CHINA_MIDNIGHT, i, out), 0);
        char wanted[200];
        snprintf(wanted, sizeof wanted,
                 "https://h.test/?CurrentPage=1&PageSize=50&PhoneNumber=13800138000&SendDate=%s ", days[i]);
        assert_string_equal(out, wanted);
    }
    assert_int_equal(asked(&aliyun_kind, CHINA_MIDNIGHT - DAY - 1, CHINA_MIDNIGHT, 3, out), 1);
    assert_int_equal(asked(&aliyun_kind, CHINA_MIDNIGHT, CHINA_MIDNIGHT, 1, out), 1);
    assert_int_equal(asked(&aliyun_kind, 0, CHINA_MIDNIGHT, 29, out), 0);
    assert_int_equal(asked(&aliyun_kind, 0, CHINA_MIDNIGHT, 30, out), 1); /* it keeps no more */
}

static void tencent_once(void **state) {
    (void)state;
    char out[600];
    assert_int_equal(asked(&tencent_kind, CHINA_MIDNIGHT - 5000, CHINA_MIDNIGHT, 0, out), 0);
    assert_string_equal(out,
                        "https://h.test/ {\"BeginTime\":1795795195,\"EndTime\":1795795200,\"Offset\":0,\"Limit\":100,"
                        "\"PhoneNumber\":\"+8613800138000\",\"SmsSdkAppId\":\"1400\"}");
    assert_int_equal(asked(&tencent_kind, CHINA_MIDNIGHT - 9 * DAY, CHINA_MIDNIGHT, 0, out), 0);
    assert_non_null(strstr(out, "\"BeginTime\":1795190460,")); /* seven days, less a minute */
    assert_int_equal(asked(&tencent_kind, CHINA_MIDNIGHT - 5000, CHINA_MIDNIGHT, 1, out), 1);
}

/* "answered: tag code words; ..." */
static void expect_known(const struct http_kind *kind, const char *answer, const char *wanted) {
    struct channel_inquiry inquiry = {.address = PHONE, .name = NAME};
    struct channel_findings findings = {.count = 0};
    char said[800];
    bool read = details_read(kind->details, text_of(answer), &inquiry, &findings);
    snprintf(said, sizeof said, "%s", read ? "yes" : "no");
    for (int i = 0; i < findings.count; i++) {
        const struct channel_finding *finding = &findings.items[i];
        size_t used = strlen(said);
        snprintf(said + used, sizeof said - used, " %s=%d %s", finding->tag, finding->code, finding->words);
    }
    if (strcmp(said, wanted) != 0) {
        fail_msg("%s: %s, not %s", answer, said, wanted);
    }
}

static void what_aliyun_knows(void **state) {
    (void)state;
    expect_known(&aliyun_kind,
                 "{\"Code\":\"OK\",\"TotalCount\":3,\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":["
                 "{\"SendStatus\":3,\"ErrCode\":\"DELIVERED\",\"OutId\":\"0a1b.1.m\",\"PhoneNum\":\"13800138000\"},"
                 "{\"SendStatus\":2,\"ErrCode\":\"13800138000?\",\"OutId\":\"0a1b.2.m\"},"
                 "{\"SendStatus\":1,\"OutId\":\"0a1b.3.m\"},"
                 "{\"SendStatus\":3,\"OutId\":\"other.1.m\"},{\"SendStatus\":3}, 7]}}",
                 "yes 0a1b.1.m=1 DELIVERED 0a1b.2.m=2 <address>? 0a1b.3.m=8 ");
    expect_known(&aliyun_kind, "{\"Code\":\"OK\",\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[]}}", "yes");
    expect_known(&aliyun_kind, "{\"Code\":\"isv.X\",\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[]}}", "no");
    expect_known(&aliyun_kind, "{\"Code\":\"OK\"}", "no");
    expect_known(&aliyun_kind, "", "no");
    expect_known(&aliyun_kind, "<html>", "no");
}

static void what_tencent_knows(void **state) {
    (void)state;
    expect_known(&tencent_kind,
                 "{\"Response\":{\"PullSmsSendStatusSet\":["
                 "{\"ReportStatus\":\"SUCCESS\",\"Description\":\"DELIVRD\",\"SessionContext\":\"0a1b.1.m\"},"
                 "{\"ReportStatus\":\"FAIL\",\"Description\":\"x\",\"SessionContext\":\"0a1b.2.m\"},"
                 "{\"ReportStatus\":\"FAIL\",\"SessionContext\":\"\"}]}}",
                 "yes 0a1b.1.m=1 DELIVRD 0a1b.2.m=2 x");
    expect_known(&tencent_kind, "{\"Response\":{\"PullSmsSendStatusSet\":[]}}", "yes");
    expect_known(&tencent_kind, "{\"Response\":{\"Error\":{\"Code\":\"AuthFailure\"}}}", "no");
}

/* More than it holds are left out. */
static void a_flood(void **state) {
    (void)state;
    struct buffer answer = {0};
    struct channel_inquiry inquiry = {.address = PHONE, .name = NAME};
    struct channel_findings findings = {.count = 0};
    buffer_append_string(&answer, "{\"Response\":{\"PullSmsSendStatusSet\":[{}");
    for (int i = 0; i < 100; i++) {
        buffer_append_string(&answer, ",{\"ReportStatus\":\"FAIL\",\"SessionContext\":\"0a1b.2.m\"}");
    }
    buffer_append_string(&answer, "]}}");
    struct text bytes = {(const char *)answer.data, (uint32_t)answer.length};
    assert_true(details_read(tencent_kind.details, bytes, &inquiry, &findings));
    assert_int_equal(findings.count, CHANNEL_FINDINGS_MAX);
    buffer_free(&answer);
}

static void tags_and_tokens(void **state) {
    (void)state;
    const struct hook hook = {.key = {7}, .url = ""};
    const struct hook other = {.key = {8}, .url = ""};
    const struct id ref = {.bytes = {1, 2, 3}};
    struct id found;
    int32_t attempt = 0;
    struct error error;
    char tag[HOOK_TAG_SIZE];
    char token[HOOK_MAC_SIZE];
    char second[HOOK_MAC_SIZE];
    hook_tag(&hook, &ref, 12, tag);
    assert_int_equal(hook_check_tag(&hook, text_of(tag), &found, &attempt, &error), 0);
    assert_true(id_equal(&found, &ref));
    assert_int_equal(attempt, 12);
    assert_int_equal(hook_check_tag(&other, text_of(tag), &found, &attempt, &error), -ERR_FORGED);
    for (size_t i = 0; i < strlen(tag); i++) {
        char odd[HOOK_TAG_SIZE];
        memcpy(odd, tag, sizeof odd);
        odd[i] = odd[i] == '1' ? '2' : '1';
        assert_int_equal(hook_check_tag(&hook, text_of(odd), &found, &attempt, &error), -ERR_FORGED);
        assert_int_equal(hook_check_tag(&hook, (struct text){tag, (uint32_t)i}, &found, &attempt, &error), -ERR_FORGED);
    }
    hook_token(&hook, text_of("aliyun"), token);
    hook_token(&hook, text_of("tencent"), second);
    assert_string_not_equal(token, second);
    hook_token(&other, text_of("aliyun"), second);
    assert_string_not_equal(token, second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliyun_day_by_day),  cmocka_unit_test(tencent_once), cmocka_unit_test(what_aliyun_knows),
        cmocka_unit_test(what_tencent_knows), cmocka_unit_test(a_flood),      cmocka_unit_test(tags_and_tokens),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
