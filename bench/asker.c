/* Asks the same of an HTTP server on a Unix socket a few times a second, as a client would.
 * usage: asker SOCKET PATH TIMES_A_SECOND SECONDS
 * Prints: how often, median and 99th percentile in microseconds, answers that were not 200.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 21, MOST = 1 << 16 };

static char answer[ROOM];
static unsigned took[MOST];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b) { return *(const unsigned *)a > *(const unsigned *)b ? 1 : -1; }

/* Read a whole answer; its status. */
static int take(int fd) {
    size_t have = 0, whole = 0;
    while (!whole || have < whole) {
        ssize_t got = read(fd, answer + have, ROOM - 1 - have);
        if (got <= 0) return 0;
        answer[have += got] = 0;
        char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "content-length:");
        if (!whole && end && length && length < end) whole = end + 4 - answer + strtoul(length + 15, NULL, 10);
    }
    return atoi(answer + 9);
}

int main(int argc, char **argv) {
    if (argc < 5) return fprintf(stderr, "usage: asker SOCKET PATH TIMES_A_SECOND SECONDS\n"), 2;
    double period = 1 / atof(argv[3]), start = now(), until = start + atof(argv[4]);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), count = 0, wrong = 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) return perror("connect"), 1;
    char request[1024];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: provd\r\n\r\n", argv[2]);
    for (double due = start; due < until && count < MOST; due += period) {
        double wait = due - now();
        if (wait > 0) usleep((useconds_t)(wait * 1e6));
        double asked = now();
        if (write(fd, request, length) != length) return perror("write"), 1;
        wrong += take(fd) != 200;
        took[count++] = (unsigned)((now() - asked) * 1e6);
    }
    qsort(took, count, sizeof *took, by_size);
    printf("%d %u %u %d\n", count, took[count / 2], took[count * 99 / 100], wrong);
    return 0;
}
