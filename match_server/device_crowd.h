/* device_crowd.h -- keeps a crowd of one device from hiding those who wait behind it.
 *
 * Two of one device never meet. A pass looks at so many of the first waiters; did they all share a device, it would
 * find nobody for anybody, though players who fit each of them wait behind. So of every device a pass looks at the
 * first DEVICE_CROWD_MAX only; the next ones come up as these are matched. It is less than the look-ahead of any
 * matcher, so whoever stands behind a crowd is seen by its first. Counts at most DEVICE_CROWD_DEVICES / 2 different
 * devices a pass. Plain data, all zero to begin with. One thread. */
#ifndef DUELPOD_DEVICE_CROWD_H
#define DUELPOD_DEVICE_CROWD_H

#include "common/base.h"

enum { DEVICE_CROWD_MAX = 4, DEVICE_CROWD_DEVICES = 4096 };

struct device_crowd {
    uint32_t pass; /* slots of another one are empty */
    struct {
        uint64_t device;
        uint32_t pass, count;
    } slots[DEVICE_CROWD_DEVICES];
};

void device_crowd_start_pass(struct device_crowd *crowd);

/* Whether one of this device (its hash; 0: none, always admitted) may still be looked at; if so, it is counted. */
bool device_crowd_admit(struct device_crowd *crowd, uint64_t device);

#endif
