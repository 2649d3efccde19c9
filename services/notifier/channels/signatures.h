/* The signatures of the providers by HTTP, each in the file of its provider. Pure. Where memory is needed, a failure is
 * `false` or `out->failed`. Sources: the vendors' pages named with each.
 */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/digest.h"

/* DingTalk, "Custom robot access, security settings": base64(HMAC-SHA256(secret, ms "\n" secret)), percent-encoded. */
void dingtalk_sign(const char *secret, int64_t now, struct buffer *out);

/* Aliyun, "V3 request structure and signature mechanism": ACS3-HMAC-SHA256 of a POST to / with an empty body. */
struct aliyun_request {
    struct text host;
    const char *action;
    const char *version;
    const char *date; /* 2023-10-26T10:22:32Z */
    const char *nonce;
    struct text query; /* percent-encoded, in the order of its names */
};
bool aliyun_sign(const struct aliyun_request *request, const char *secret, char out[DIGEST_HEX_SIZE]);

/* Tencent, "Signature v3": TC3-HMAC-SHA256 of a POST to / with a JSON body, over content-type and host. */
struct tencent_request {
    struct text host;
    const char *service; /* "sms" */
    int64_t now;         /* s since 1970; the scope's date is UTC's */
    struct text body;
};
bool tencent_sign(const struct tencent_request *request, const char *secret, char out[DIGEST_HEX_SIZE]);

/* 云MAS, "HTTP interface": md5(ecName apId secretKey mobiles content sign addSerial). */
struct mas_fields {
    const char *company;
    const char *user;
    const char *secret;
    const char *mobiles;
    struct text content;
    const char *sign;
    const char *serial;
};
bool mas_sign(const struct mas_fields *fields, char out[DIGEST_MD5_SIZE]);

/* 浙政钉: base64(HMAC-SHA256(secret, lines of method, timestamp, nonce, path, parameters)); the parameters in the order of
 * their names, not encoded. */
struct govding_request {
    const char *timestamp; /* 2026-11-27T14:00:00.000+08:00 */
    const char *nonce;
    const char *path;
    struct text parameters;
};
bool govding_sign(const struct govding_request *request, const char *secret, char out[DIGEST_BASE64_SIZE]);

/* Ours, for a webhook: HMAC-SHA256(secret, ms "." body) in hex. */
bool webhook_sign(const char *secret, int64_t now, struct text body, char out[DIGEST_HEX_SIZE]);
