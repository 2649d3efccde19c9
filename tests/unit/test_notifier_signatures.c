/* Signatures against what the vendors published, and digests against their RFCs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/notifier/channels/signatures.h"

static void digests(void **state) {
    char hex[DIGEST_HEX_SIZE];
    char md5[DIGEST_MD5_SIZE];
    (void)state;
    digest_sha256(text_of(""), hex); /* FIPS 180-4, and every signed request without a body */
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_hmac_hex(text_of("Jefe"), text_of("what do ya want for nothing?"), hex); /* RFC 4231, test case 2 */
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    digest_md5(text_of("message digest"), md5); /* RFC 1321, A.5 */
    assert_string_equal(md5, "f96b697d7cb7938d525a2f31aaf161d0");
}

static void codings(void **state) {
    struct buffer out = {0};
    (void)state;
    digest_escape(text_of("a-_.~Z0 +/*%高"), &out);
    buffer_append_string(&out, " ");
    digest_base64(text_of("foobar"), &out); /* RFC 4648, 10 */
    digest_base64(text_of("fo"), &out);
    buffer_append(&out, "", 1);
    assert_string_equal((const char *)out.data, "a-_.~Z0%20%2B%2F%2A%25%E9%AB%98 Zm9vYmFyZm8=");
    buffer_free(&out);
}

/* The vendor's example of time and secret. */
static void dingtalk(void **state) {
    struct buffer out = {0};
    (void)state;
    dingtalk_sign("this is secret", INT64_C(1577262236757), &out);
    buffer_append(&out, "", 1);
    assert_string_equal((const char *)out.data, "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D");
    buffer_free(&out);
}

/* The example of help.aliyun.com, "V3 request structure and signature mechanism": RunInstances. */
static void aliyun(void **state) {
    char signature[DIGEST_HEX_SIZE];
    struct aliyun_request request = {
        .host = text_of("ecs.cn-shanghai.aliyuncs.com"),
        .action = "RunInstances",
        .version = "2014-05-26",
        .date = "2023-10-26T10:22:32Z",
        .nonce = "3156853299f313e23d1673dc12e1703d",
        .query = text_of("ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"),
    };
    (void)state;
    assert_true(aliyun_sign(&request, "YourAccessKeySecret", signature));
    assert_string_equal(signature, "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
}

/* The example of cloud.tencent.com, "Signature v3": DescribeInstances. */
static void tencent(void **state) {
    char signature[DIGEST_HEX_SIZE];
    struct tencent_request request = {
        .host = text_of("cvm.tencentcloudapi.com"),
        .service = "cvm",
        .now = 1551113065,
        .body = text_of("{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": "
                        "\"instance-name\"}]}"),
    };
    (void)state;
    assert_true(tencent_sign(&request, "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", signature));
    assert_string_equal(signature, "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168");
    /* The last second of a day in UTC, which in China is the next morning. */
    request.now = 1551139199;
    assert_true(tencent_sign(&request, "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", signature));
    assert_string_equal(signature, "9a822d1ea6ecc687b4a06590095868f5e80c701808c4e426600071bd57ebc9ba");
}

/* Of these no vector is published: the values were computed by Python's hashlib and hmac from the vendor's description. */
static void computed(void **state) {
    char mac[DIGEST_MD5_SIZE];
    char base64[DIGEST_BASE64_SIZE];
    char hex[DIGEST_HEX_SIZE];
    (void)state;
    struct mas_fields fields = {.company = "海宁市综合行政执法局",
                                .user = "chaoxun",
                                .secret = "secret",
                                .mobiles = "13800138002",
                                .content = text_of("高温：停止户外活动"),
                                .sign = "sign",
                                .serial = "01"};
    assert_true(mas_sign(&fields, mac));
    assert_string_equal(mac, "0d165ef53145446618900ea177365562");
    struct govding_request request = {
        .timestamp = "2026-11-27T14:00:00.000+08:00",
        .nonce = "17956800000001234",
        .path = "/message/workNotification",
        .parameters = text_of("bizMsgId=0a1b&msg={\"a\":\"高温\"}&receiverIds=5823401&tenantId=196729")};
    assert_true(govding_sign(&request, "secret", base64));
    assert_string_equal(base64, "xGXdR9Rum4ACSQJimcSsvsQNwVfpSKlJO9n/3jMDjdc=");
    assert_true(webhook_sign("secret", INT64_C(1795680000000), text_of("{\"id\":\"0a1b\"}"), hex));
    assert_string_equal(hex, "426ca70257d72e00c40f7bfcceef349e1da9c61f6527e25928d325ab23c0c6f4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests), cmocka_unit_test(codings), cmocka_unit_test(dingtalk),
        cmocka_unit_test(aliyun),  cmocka_unit_test(tencent), cmocka_unit_test(computed),
    };
    return cmocka_run_group_tests_name("notifier: signatures", tests, NULL, NULL);
}
