#include "match_server/device_crowd.h"

#include <string.h>

void device_crowd_start_pass(struct device_crowd *crowd)
{
    if (++crowd->pass > 0) return;
    memset(crowd, 0, sizeof *crowd); /* after four billion passes the oldest would look like new ones */
    crowd->pass = 1;
}

bool device_crowd_admit(struct device_crowd *crowd, uint64_t device)
{
    if (device == 0) return true;
    size_t at = device % DEVICE_CROWD_DEVICES, tried = 0;
    while (crowd->slots[at].pass == crowd->pass && crowd->slots[at].device != device) {
        check(++tried < DEVICE_CROWD_DEVICES);
        at = (at + 1) % DEVICE_CROWD_DEVICES;
    }
    if (crowd->slots[at].pass != crowd->pass) {
        crowd->slots[at].pass = crowd->pass;
        crowd->slots[at].device = device;
        crowd->slots[at].count = 0;
    }
    if (crowd->slots[at].count == DEVICE_CROWD_MAX) return false;
    crowd->slots[at].count++;
    return true;
}
