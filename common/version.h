/* version.h -- the version of both servers. */
#ifndef DUELPOD_VERSION_H
#define DUELPOD_VERSION_H

#define DUELPOD_VERSION "0.1.0"

#endif
