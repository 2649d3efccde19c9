/* chaoxun-portal: the HTTP door. */
#include "services/portal/portal.h"

int main(int argc, char **argv) {
    return service_main(&portal_service, argc, argv);
}
