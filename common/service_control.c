/* The control door of a service: its status with metrics, and its verification. */
#include "common/process.h"
#include "common/service_internal.h"

static void put_status(struct service *service, struct wire_status_answer *answer) {
    const struct service_private *internal = service->internal;
    answer->service = text_of(service->spec->name);
    wire_set(&answer->present, FIELD_status_answer_service);
    answer->ready = internal->ready;
    wire_set(&answer->present, FIELD_status_answer_ready);
    if (internal->reason[0] != '\0') {
        answer->reason = text_of(internal->reason);
        wire_set(&answer->present, FIELD_status_answer_reason);
    }
    if (internal->position[0] != '\0') {
        answer->position = text_of(internal->position);
        wire_set(&answer->present, FIELD_status_answer_position);
    }
}

static void answer_status(struct service *service, const struct reply_to *to) {
    metrics_set(&service->metrics, METRIC_MEMORY_BYTES, process_memory());
    metrics_set(&service->metrics, METRIC_READY, service->internal->ready);
    struct wire_status_answer answer = {0};
    put_status(service, &answer);
    struct buffer text = {0};
    metrics_render(&service->metrics, service->spec->name, &text);
    if (!text.failed) {
        answer.metrics = (struct text){(const char *)text.data, (uint32_t)text.length};
        wire_set(&answer.present, FIELD_status_answer_metrics);
    }
    reply_shape(to, "status", shape_of(SHAPE_status_answer), &answer);
    buffer_free(&text);
}

static void answer_verify(struct service *service, const struct reply_to *to) {
    if (service->spec->verify) {
        service->spec->verify(service, to);
    } else {
        service_verified(service, to, 0, service->internal->position, NULL);
    }
}

void service_verified(struct service *service, const struct reply_to *to, int64_t checked, const char *position,
                      const char *first_fault) {
    struct wire_verify_answer answer = {
        .service = text_of(service->spec->name), .ok = first_fault == NULL, .checked = checked};
    wire_set(&answer.present, FIELD_verify_answer_service);
    wire_set(&answer.present, FIELD_verify_answer_ok);
    wire_set(&answer.present, FIELD_verify_answer_checked);
    if (position && *position != '\0') {
        answer.position = text_of(position);
        wire_set(&answer.present, FIELD_verify_answer_position);
    }
    if (first_fault) {
        answer.first_fault = text_of(first_fault);
        wire_set(&answer.present, FIELD_verify_answer_first_fault);
        log_write(&service->log, LOG_LEVEL_ERROR, "verification failed", "fault=\"%s\"", first_fault);
    }
    reply_shape(to, "verify", shape_of(SHAPE_verify_answer), &answer);
}

static void on_request(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct service *service = data;
    struct request request;
    if (!request_parse(socket, message, &request)) {
        return;
    }
    struct reply_to to = request_reply_to(socket, &request);
    if (text_equal(request.verb, text_of("status"))) {
        answer_status(service, &to);
    } else if (text_equal(request.verb, text_of("verify"))) {
        answer_verify(service, &to);
    } else {
        reply_bad_verb(&to, request.verb, "status, verify");
    }
}

int service_control_open(struct service *service, struct error *error) {
    return bus_bind(service->bus, service->spec->control, on_request, service, &service->internal->control, error);
}
