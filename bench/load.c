/* Asks the same of an HTTP server on a Unix socket, over and over, on several connections.
 * usage: load SOCKET PATH CONNECTIONS SECONDS
 * Prints: requests per second, median and 99th percentile in microseconds, answers that were not 200.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64, ROOM = 1 << 21, SAMPLES = 1 << 22 };

struct connection { int fd; size_t have; double asked; char *answer; };

static unsigned samples[SAMPLES];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b) { return *(const unsigned *)a > *(const unsigned *)b ? 1 : -1; }

/* The length of the whole answer, or 0 while its head is not here. */
static size_t whole(struct connection *c) {
    c->answer[c->have] = 0;
    char *end = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "content-length:");
    return end && length && length < end ? (size_t)(end + 4 - c->answer) + strtoul(length + 15, NULL, 10) : 0;
}

int main(int argc, char **argv) {
    if (argc < 5) return fprintf(stderr, "usage: load SOCKET PATH CONNECTIONS SECONDS\n"), 2;
    int connections = atoi(argv[3]), poll = epoll_create1(0);
    static struct connection all[MOST];
    char request[1024];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: provd\r\n\r\n", argv[2]);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    for (int n = 0; n < connections && n < MOST; n++) {
        all[n] = (struct connection){.fd = socket(AF_UNIX, SOCK_STREAM, 0), .answer = malloc(ROOM)};
        if (connect(all[n].fd, (struct sockaddr *)&address, sizeof address)) return perror("connect"), 1;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[n]};
        epoll_ctl(poll, EPOLL_CTL_ADD, all[n].fd, &event);
        all[n].asked = now();
        if (write(all[n].fd, request, length) != length) return perror("write"), 1;
    }
    double start = now(), until = start + atof(argv[4]);
    size_t count = 0, wrong = 0;
    while (now() < until) {
        struct epoll_event events[MOST];
        int ready = epoll_wait(poll, events, MOST, 100);
        for (int n = 0; n < ready; n++) {
            struct connection *c = events[n].data.ptr;
            ssize_t got = read(c->fd, c->answer + c->have, ROOM - 1 - c->have);
            if (got <= 0) return fprintf(stderr, "the server closed a connection\n"), 1;
            c->have += got;
            size_t size = whole(c);
            if (!size || c->have < size) continue;
            wrong += strncmp(c->answer, "HTTP/1.1 200", 12) != 0;
            if (count < SAMPLES) samples[count] = (unsigned)((now() - c->asked) * 1e6);
            count++;
            c->have = 0;
            c->asked = now();
            if (write(c->fd, request, length) != length) return perror("write"), 1;
        }
    }
    double took = now() - start;
    size_t kept = count < SAMPLES ? count : SAMPLES;
    qsort(samples, kept, sizeof *samples, by_size);
    if (!kept) return fprintf(stderr, "no answer came\n"), 1;
    printf("%.0f %u %u %zu\n", count / took, samples[kept / 2], samples[kept * 99 / 100], wrong);
    return 0;
}
