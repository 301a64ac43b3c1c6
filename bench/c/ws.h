/* What both programs of this folder need of RFC 6455 and of sockets. Linux only. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10, HEADER_MAX = 14 };

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void many_files(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static inline int watch(int epoll, int operation, int fd, uint32_t events, uint64_t tag) {
  struct epoll_event event = {.events = events, .data.u64 = tag};
  return epoll_ctl(epoll, operation, fd, &event);
}

/* Writes the head of a frame; returns its size. A client's frames are masked, here with the key 0, which changes nothing. */
static inline size_t put_head(uint8_t *to, int opcode, size_t size, int is_client) {
  size_t used = 2;
  to[0] = (uint8_t)(0x80 | opcode);
  if (size < 126) {
    to[1] = (uint8_t)size;
  } else if (size < 65536) {
    to[1] = 126;
    to[2] = (uint8_t)(size >> 8);
    to[3] = (uint8_t)size;
    used = 4;
  } else {
    to[1] = 127;
    for (int i = 0; i < 8; i++) to[2 + i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
    used = 10;
  }
  if (is_client) {
    to[1] |= 0x80;
    memset(to + used, 0, 4);
    used += 4;
  }
  return used;
}

struct frame {
  int opcode;
  uint8_t *payload;
  size_t size;
};

/* Reads one whole frame and unmasks it in place; returns the bytes it took, or 0 when some are still missing. */
static inline size_t take_frame(uint8_t *data, size_t have, struct frame *frame) {
  if (have < 2) return 0;
  size_t head = 2, size = data[1] & 0x7f;
  if (size == 126) {
    if (have < 4) return 0;
    size = (size_t)data[2] << 8 | data[3];
    head = 4;
  } else if (size == 127) {
    if (have < 10) return 0;
    size = 0;
    for (int i = 2; i < 10; i++) size = size << 8 | data[i];
    head = 10;
  }
  uint8_t *key = data + head;
  int is_masked = data[1] & 0x80;
  if (is_masked) head += 4;
  if (have < head || have - head < size) return 0;
  frame->opcode = data[0] & 0x0f;
  frame->payload = data + head;
  frame->size = size;
  if (is_masked)
    for (size_t i = 0; i < size; i++) frame->payload[i] ^= key[i & 3];
  return head + size;
}
