/* What the files of the service skeleton share. */
#pragma once

#include "common/service.h"

#define SERVICE_REASON_MAX 300
#define SERVICE_POSITION_MAX 120

enum service_phase { SERVICE_STARTING, SERVICE_RUNNING, SERVICE_DRAINING };

struct service_private {
    uv_loop_t loop;
    uv_signal_t signals[2];
    uv_timer_t watchdog;
    uv_timer_t drain;
    int handles; /* how many of the four were initialised */
    enum service_phase phase;
    bool ready;
    bool announced; /* READY=1 was sent */
    char reason[SERVICE_REASON_MAX];
    char position[SERVICE_POSITION_MAX];
    int lock;
    struct bus_socket *control;
};

/* The control door: status and verify. */
int service_control_open(struct service *service, struct error *error);
