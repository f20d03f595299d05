/* The far end of the probe benchmark: answers every SIP request with 200 OK, from the address that was asked.
 * usage: responder PORT [MUTE]
 * It listens on 0.0.0.0:PORT, so that each address of 127.0.0.0/8 is a target of its own, and works in
 * batches, a ms apart, so that it costs little beside what is measured. With MUTE it answers at once, and never
 * for addresses whose last octet can be divided by it; SIGHUP has it answer them, and again not. SIGUSR1 begins
 * to count what comes in each 10 ms; SIGUSR2 prints how many came, in how many such times, and the most in one
 * of them.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 128, ROOM = 2048 };

static char requests[BATCH][ROOM + 1], control[BATCH][128], answers[BATCH][ROOM + 64];
static struct sockaddr_in peers[BATCH];
static struct iovec in_parts[BATCH], out_parts[BATCH];
static struct mmsghdr incoming[BATCH], outgoing[BATCH];

static volatile sig_atomic_t begin, report, answers_all;
static long since, slot, in_slot, most, total;

static void on_signal(int number) { *(number == SIGUSR1 ? &begin : &report) = 1; }

static void on_hangup(int number) { (void)number, answers_all = !answers_all; }

/* The 10 ms in which the kernel took the request in: over loopback, when it was sent. */
static long slot_of(struct msghdr *message) {
    struct timespec t = {0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) memcpy(&t, CMSG_DATA(c), sizeof t);
    return t.tv_sec * 100 + t.tv_nsec / 10000000;
}

static void count(struct msghdr *message) {
    long now = slot_of(message);
    if (begin) begin = 0, since = slot = now, in_slot = most = total = 0;
    if (now != slot) slot = now, in_slot = 0;
    in_slot++, total++;
    if (in_slot > most) most = in_slot;
    if (report) report = 0, printf("%ld %ld %ld\n", total, now - since + 1, most), fflush(stdout);
}

static int is_copied(const char *line) {
    static const char *names[] = {"Via:", "From:", "Call-ID:", "CSeq:", "v:", "f:", "i:"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (!strncasecmp(line, names[n], strlen(names[n]))) return 1;
    return 0;
}

/* Write the answer to `request` (NUL-terminated) to `out`; 0 when it is no request. */
static int answer(char *request, char *out) {
    char *at = out, *line = request, *end;
    if (!strncmp(request, "SIP/2.0 ", 8)) return 0;
    at += sprintf(at, "SIP/2.0 200 OK\r\n");
    while ((end = strstr(line, "\r\n")) && end != line) {
        *end = 0;
        if (line != request && is_copied(line)) at += sprintf(at, "%s\r\n", line);
        if (!strncasecmp(line, "To:", 3) || !strncasecmp(line, "t:", 2)) at += sprintf(at, "%s;tag=bench\r\n", line);
        line = end + 2;
    }
    at += sprintf(at, "Content-Length: 0\r\n\r\n");
    return (int)(at - out);
}

/* The last octet of the address that a request came to. */
static int asked(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
            return ntohl(((struct in_pktinfo *)CMSG_DATA(c))->ipi_addr.s_addr) & 255;
    return 1;
}

/* Leave of what the kernel told about a message only the address that it came to. */
static void send_from_where_it_came(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            message->msg_control = c;
            message->msg_controllen = CMSG_SPACE(sizeof(struct in_pktinfo));
            return;
        }
}

int main(int argc, char **argv) {
    int yes = 1, room = 1 << 25, s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 5070)};
    setsockopt(s, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
    setsockopt(s, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
        setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(s, (struct sockaddr *)&here, sizeof here)) return perror("bind"), 1;
    int mute = argc > 2 ? atoi(argv[2]) : 0;
    signal(SIGUSR1, on_signal), signal(SIGUSR2, on_signal), signal(SIGHUP, on_hangup);
    for (;;) {
        for (int n = 0; n < BATCH; n++) {
            in_parts[n] = (struct iovec){requests[n], ROOM};
            incoming[n].msg_hdr = (struct msghdr){.msg_name = &peers[n], .msg_namelen = sizeof peers[n],
                .msg_iov = &in_parts[n], .msg_iovlen = 1, .msg_control = control[n], .msg_controllen = sizeof control[n]};
        }
        int got = recvmmsg(s, incoming, BATCH, MSG_WAITFORONE, NULL), ready = 0;
        for (int n = 0; n < got; n++) count(&incoming[n].msg_hdr);
        for (int n = 0; n < got; n++) {
            if (mute && !answers_all && asked(&incoming[n].msg_hdr) % mute == 0) continue;
            requests[n][incoming[n].msg_len] = 0;
            int length = answer(requests[n], answers[ready]);
            if (!length) continue;
            out_parts[ready] = (struct iovec){answers[ready], length};
            outgoing[ready].msg_hdr = incoming[n].msg_hdr;
            send_from_where_it_came(&outgoing[ready].msg_hdr);
            outgoing[ready].msg_hdr.msg_iov = &out_parts[ready];
            ready++;
        }
        for (int sent = 0; sent < ready;) {
            int now = sendmmsg(s, outgoing + sent, ready - sent, 0);
            sent += now > 0 ? now : 1;
        }
        if (got < BATCH && !mute) { /* where some are mute, it is the others' times that are measured */
            struct timespec pause = {0, 1000000};
            nanosleep(&pause, NULL);
        }
    }
}
