/* What a provider of SMS reports of the messages that it took: the body of a push, as the notifier takes it. Pure.
 *
 *   aliyun    [{"out_id", "biz_id", "success": true | false, "err_code", "err_msg", ...}, ...]
 *             Source: help.aliyun.com/document_detail/101867, "SmsReport": HTTP push
 *   tencent   [{"ext", "sid", "report_status": "SUCCESS" | "FAIL", "errmsg", "description", ...}, ...]
 *             Source: cloud.tencent.com/document/api/382/59178: at most 100 at a time; `ext` is the SessionContext of the
 *             request and must be asked for at their help desk, `sid` is the SerialNo of their answer
 *   mas       {"msgGroup", "reportStatus", "errorCode", ...}, an array of such, or base64 of either
 *             Source: no public document was found; so programs of its customers read it
 *
 * Texts are cut and made printable. Of a push, what cannot be read is counted and passed over: the rest must not be lost
 * with it.
 */
#pragma once

#include "common/arena.h"
#include "proto/codec.h"

#define PROVIDER_PUSH_BYTES_MAX 524288

enum reporting_provider { REPORTING_ALIYUN, REPORTING_TENCENT, REPORTING_MAS };

/* Fills all but the token; everything lives in the arena. -ERR_TOO_LARGE, -ERR_BAD_JSON, -ERR_TOO_MANY, -ERR_WRONG_TYPE
 * when it is no array of objects, -ERR_NO_MEMORY. */
int provider_reports_read(enum reporting_provider provider, struct text body, struct arena *arena,
                          struct wire_provider_reports *reports, struct error *error);

/* What the provider wants to hear when its push was kept: JSON. */
const char *provider_reports_answer(enum reporting_provider provider);
