// A link between two network namespaces with a rate and a delay, for machines whose kernel has no netem.
//
//   cc -O2 -o link Tests/Benchmarks/link.c
//   sudo ./link NAMESPACE-A NAMESPACE-B MEGABITS-PER-SECOND DELAY-IN-MICROSECONDS
//
// Makes a TUN device `wire` in each of the two (ip netns add), with addresses 10.78.0.1 and 10.78.0.2, says "ready" and
// carries packets until it is ended. A packet leaves when the one before it in this direction has left and the rate
// allows, and arrives so many microseconds later; none is lost. The kernel hands segments of TCP over in one piece of up to
// 64 KB, as to a network card that cuts them, so that few calls are needed; the rate counts all bytes. The delay is that of
// one direction.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { slots = 512, longest = 65536 + sizeof(struct virtio_net_hdr) };

typedef struct {
  int64_t due;  // nanoseconds, when it arrives
  int length;
  unsigned char bytes[longest];
} packet;

typedef struct {
  int from, to;
  int64_t free;  // when the last packet has left
  long first, count;
  packet *ring;
} direction;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void run(const char *command) {
  if (system(command) != 0) {
    fprintf(stderr, "failed: %s\n", command);
    exit(1);
  }
}

static int device(const char *space, int side) {
  char command[512];
  int file = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (file < 0) fail("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
  snprintf(request.ifr_name, sizeof request.ifr_name, "wire%d", side);
  if (ioctl(file, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  if (ioctl(file, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) < 0) fail("TUNSETOFFLOAD");
  snprintf(
      command, sizeof command,
      "ip link set dev wire%d netns %s && ip -n %s link set dev wire%d name wire && ip -n %s addr add 10.78.0.%d/24 dev wire"
      " && ip -n %s link set dev wire up",
      side, space, space, side, space, side + 1, space);
  run(command);
  return file;
}

// Takes what the kernel has to send, as long as there is room.
static void take(direction *way, double bytes_per_ns, int64_t delay) {
  while (way->count < slots) {
    packet *next = &way->ring[(way->first + way->count) % slots];
    const ssize_t length = read(way->from, next->bytes, longest);
    if (length < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      fail("read");
    }
    const int64_t time = now();
    const int64_t start = way->free > time ? way->free : time;
    way->free = start + (int64_t)((double)(length - (ssize_t)sizeof(struct virtio_net_hdr)) / bytes_per_ns);
    next->due = way->free + delay;
    next->length = (int)length;
    way->count++;
  }
}

static void deliver(direction *way) {
  while (way->count > 0) {
    packet *next = &way->ring[way->first % slots];
    if (next->due > now()) return;
    // A device that was taken down drops it, as a wire does.
    if (write(way->to, next->bytes, (size_t)next->length) < 0 && errno == EAGAIN) return;
    way->first++;
    way->count--;
  }
}

int main(int count, char **words) {
  if (count != 5) {
    fprintf(stderr, "usage: link NAMESPACE-A NAMESPACE-B MEGABITS-PER-SECOND DELAY-IN-MICROSECONDS\n");
    return 64;
  }
  const double bytes_per_ns = atof(words[3]) * 1e6 / 8 / 1e9;
  const int64_t delay = (int64_t)(atof(words[4]) * 1e3);
  const int files[] = {device(words[1], 0), device(words[2], 1)};
  direction ways[2];
  for (int side = 0; side < 2; side++) {
    ways[side] = (direction){files[side], files[1 - side], 0, 0, 0, calloc(slots, sizeof(packet))};
    if (!ways[side].ring) fail("memory");
  }
  // Woken when a packet is due, also where all cores compute.
  prctl(PR_SET_TIMERSLACK, 1);
  const struct sched_param priority = {.sched_priority = 10};
  if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0) perror("no priority");
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    int64_t due = INT64_MAX;
    for (int side = 0; side < 2; side++) {
      deliver(&ways[side]);
      take(&ways[side], bytes_per_ns, delay);
      if (ways[side].count > 0) {
        const int64_t first = ways[side].ring[ways[side].first % slots].due;
        if (first < due) due = first;
      }
    }
    struct pollfd waiting[2];
    for (int side = 0; side < 2; side++)
      waiting[side] = (struct pollfd){files[side], ways[side].count < slots ? POLLIN : 0, 0};
    const int64_t left = due == INT64_MAX ? 1000000000LL : due - now();
    const struct timespec pause = {left > 0 ? left / 1000000000LL : 0, left > 0 ? left % 1000000000LL : 0};
    ppoll(waiting, 2, &pause, NULL);
  }
}
