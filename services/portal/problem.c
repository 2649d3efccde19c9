/* Problem documents from errors and faults. */
#include "services/portal/problem.h"

#include <stdio.h>

const char *problem_title(int status) {
    static const struct {
        int status;
        const char *title;
    } titles[] = {{400, "请求有误"},     {401, "需要登录"},     {403, "没有权限"},     {404, "没有找到"},
                  {405, "方法不支持"},   {408, "请求超时"},     {409, "内容冲突"},     {410, "已经失效"},
                  {413, "数据太大"},     {415, "类型不支持"},   {422, "内容需要修改"}, {429, "尝试次数过多"},
                  {500, "程序内部错误"}, {503, "暂时不能服务"}, {504, "等待超时"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    return "出错了";
}

int problem_error(struct error *error, enum error_code code, const char *field, const char *limit, struct text value) {
    struct faults faults = {0};
    faults_add(&faults, code, field, limit, value);
    return faults_to_error(&faults, error);
}

static int append_chunk(const char *data, size_t length, void *out) {
    struct buffer *buffer = out;
    buffer_append(buffer, data, length);
    return buffer->failed ? -1 : 0;
}

bool json_append(struct buffer *out, const json_t *document) {
    return document && json_dump_callback(document, append_chunk, out, JSON_COMPACT) == 0 && !out->failed;
}

json_t *problem_fault(const struct fault *fault) {
    char chinese[ERROR_TEXT_MAX];
    char english[ERROR_TEXT_MAX];
    fault_render(fault, LANGUAGE_ZH, chinese, sizeof chinese);
    fault_render(fault, LANGUAGE_EN, english, sizeof english);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "field", fault->field, "code", error_wire(fault->code), "limit",
                     fault->limit, "value", fault->value, "text", chinese, "text_en", english);
}

static json_t *faults_array(const struct faults *faults) {
    json_t *array = json_array();
    for (uint32_t i = 0; array && i < faults->count; i++) {
        json_array_append_new(array, problem_fault(&faults->items[i]));
    }
    return array;
}

int problem_render(const struct problem *problem, struct buffer *out) {
    const struct error *error = problem->error;
    int status = error_http(error->code);
    char type[80];
    snprintf(type, sizeof type, "urn:chaoxun:problem:%s", error_wire(error->code));
    json_t *document =
        json_pack("{s:s, s:s, s:i, s:s, s:s, s:s}", "type", type, "title", problem_title(status), "status", status,
                  "detail", error->text_zh, "detail_en", error->text, "code", error_wire(error->code));
    if (document && problem->faults) {
        json_object_set_new(document, "faults", faults_array(problem->faults));
    }
    if (document && problem->as_of && *problem->as_of) {
        json_object_set_new(document, "as_of", json_string(problem->as_of));
    }
    if (document && problem->retry_after > 0) {
        json_object_set_new(document, "retry_after", json_integer(problem->retry_after));
    }
    if (!json_append(out, document)) {
        out->failed = true;
    }
    json_decref(document);
    return status;
}
