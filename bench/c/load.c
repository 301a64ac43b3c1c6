/* The audience: N WebSockets of one process, which count what they get and how late it is.
 *
 *   load PORT PATH N HELLOS READY WINDOW RCVBUF
 *
 * HELLOS is a file whose lines are sent, one by each socket, after the handshake ("-": nothing is sent). A socket is
 * ready with the first frame that contains READY ("-": with the handshake). At most WINDOW sockets are on their way
 * at once (0: all). RCVBUF bytes of receive buffer for each (0: the system's choice). Who is told COME_BACK comes back.
 *
 * Reads commands from stdin, one a line, and answers each with one line:
 *   go          connects; answers `ready SOCKETS WALL_US P50_US P99_US COMEBACKS FAILED` when all are in or lost
 *   reset       forgets what was counted
 *   expect K    answers `expecting`, and `done` as soon as K marks were counted since `reset`
 *   stats       answers `stats MARKS FRAMES BYTES CLOSED P50_US P99_US MAX_US`
 *   stall       reads nothing any more
 * A mark is `evt-` and the nanoseconds of CLOCK_MONOTONIC at which it was sent. End of input ends the program.
 */
#include "ws.h"

enum { STDIN_TAG = 0, BUFFER = 4 << 20, BUCKETS = 1024, PER_ADDRESS = 4000 };
enum state { IDLE, CONNECTING, HANDSHAKE, GREETED, READY_NOW, GONE };

struct client {
  int fd;
  enum state state;
  uint64_t due_ns, begun_ns; /* when to connect again; when the first try began */
  uint8_t *rest;             /* the begin of a frame whose end is still to come */
  size_t rest_size;
};

static struct client *clients;
static char **hellos;
static const char *path, *ready_text;
static int epoll_fd, port, size_of_buffer, window;
static size_t total, settled, on_way, next_one, comebacks, failed;
static uint64_t marks, frames, bytes, closed, expected, begun_ns, max_us;
static uint64_t late[BUCKETS], shake[BUCKETS];
static int is_going, is_told, waiting;
static uint8_t *buffer;

/* -- percentiles: buckets of 2 % each, from 1 us to ten minutes */
static void note(uint64_t *buckets, uint64_t us) {
  int at = 0;
  double edge = 1;
  static double edges[BUCKETS];
  if (edges[0] == 0)
    for (int i = 0; i < BUCKETS; i++, edge *= 1.02) edges[i] = edge;
  int low = 0, high = BUCKETS - 1;
  while (low < high) {
    at = (low + high) / 2;
    if (edges[at] < (double)us)
      low = at + 1;
    else
      high = at;
  }
  buckets[low]++;
}

static double percentile(const uint64_t *buckets, double share) {
  uint64_t all = 0, sum = 0;
  for (int i = 0; i < BUCKETS; i++) all += buckets[i];
  double edge = 1;
  for (int i = 0; i < BUCKETS; i++, edge *= 1.02) {
    sum += buckets[i];
    if (all && (double)sum >= share * (double)all) return edge;
  }
  return 0;
}

static void say_ready(void) {
  if (!is_going || is_told || settled < total) return;
  is_told = 1;
  printf("ready %zu %.0f %.0f %.0f %zu %zu\n", total - failed, (double)(now_ns() - begun_ns) / 1e3,
         percentile(shake, 0.5), percentile(shake, 0.99), comebacks, failed);
}

/* -- one socket */
static void drop(struct client *client) {
  close(client->fd);
  client->fd = -1;
  free(client->rest);
  client->rest = NULL;
  client->rest_size = 0;
}

static void lose(struct client *client) {
  drop(client);
  if (client->state == READY_NOW) {
    closed++;
  } else {
    failed++;
    settled++;
    on_way--;
  }
  client->state = GONE;
  say_ready();
}

static void begin(struct client *client) {
  size_t number = (size_t)(client - clients);
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (fd < 0) die("socket");
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + (uint32_t)(number / PER_ADDRESS)); /* 127.0.1.1 and on */
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (size_of_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size_of_buffer, sizeof size_of_buffer);
  if (bind(fd, (void *)&from, sizeof from)) die("bind");
  if (connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS) die("connect");
  if (client->begun_ns == 0) client->begun_ns = now_ns();
  client->fd = fd;
  client->state = CONNECTING;
  watch(epoll_fd, EPOLL_CTL_ADD, fd, EPOLLOUT, number + 1);
}

static void ask(struct client *client) {
  char request[2048];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  int used = snprintf(request, sizeof request,
                      "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                      path, port);
  if (error || write(client->fd, request, (size_t)used) != used) {
    lose(client);
    return;
  }
  client->state = HANDSHAKE;
  watch(epoll_fd, EPOLL_CTL_MOD, client->fd, EPOLLIN, (uint64_t)(client - clients) + 1);
}

static void send_frame(struct client *client, int opcode, const void *payload, size_t size) {
  uint8_t out[8192];
  size_t head = put_head(out, opcode, size, 1);
  if (size > sizeof out - HEADER_MAX) die("a frame too large to send");
  memcpy(out + head, payload, size);
  if (write(client->fd, out, head + size) < 0) return; /* the next read tells what is wrong */
}

static void become_ready(struct client *client) {
  client->state = READY_NOW;
  note(shake, (now_ns() - client->begun_ns) / 1000);
  on_way--;
  settled++;
  say_ready();
}

static void greet(struct client *client) {
  const char *hello = hellos ? hellos[client - clients] : NULL;
  if (hello) send_frame(client, TEXT, hello, strlen(hello));
  client->state = GREETED;
  if (!ready_text) become_ready(client);
}

static void count_marks(const struct frame *frame) {
  const uint8_t *at = frame->payload, *end = frame->payload + frame->size;
  uint64_t now = now_ns(), before = marks;
  while ((at = memmem(at, (size_t)(end - at), "evt-", 4))) {
    at += 4;
    uint64_t sent = strtoull((const char *)at, NULL, 10), us = now > sent ? (now - sent) / 1000 : 0;
    marks++;
    note(late, us);
    if (us > max_us) max_us = us;
  }
  if (marks > before) {
    frames++;
    bytes += frame->size;
  }
}

static int contains(const struct frame *frame, const char *text) {
  return memmem(frame->payload, frame->size, text, strlen(text)) != NULL;
}

/* True when the server asked to come back later, and it will be done. */
static int comes_back(struct client *client, const struct frame *frame) {
  const uint8_t *at = memmem(frame->payload, frame->size, "\"retryInMs\":", 12);
  if (!contains(frame, "COME_BACK") || !at) return 0;
  client->due_ns = now_ns() + strtoull((const char *)at + 12, NULL, 10) * 1000000u;
  comebacks++;
  waiting++;
  drop(client);
  client->state = IDLE;
  return 1;
}

/* False when the socket is gone. */
static int take(struct client *client, const struct frame *frame) {
  if (frame->opcode == PING) {
    send_frame(client, PONG, frame->payload, frame->size);
  } else if (frame->opcode == CLOSE) {
    lose(client);
    return 0;
  } else if (frame->opcode == TEXT && client->state == GREETED) {
    if (contains(frame, ready_text)) become_ready(client);
    return !comes_back(client, frame);
  } else if (frame->opcode == TEXT) {
    count_marks(frame);
  }
  return 1;
}

static void hear(struct client *client) {
  size_t have = client->rest_size, used = 0, step;
  if (have) memcpy(buffer, client->rest, have);
  ssize_t got = read(client->fd, buffer + have, BUFFER - 1 - have);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    lose(client);
    return;
  }
  have += (size_t)got;
  buffer[have] = 0; /* numbers are read as text */
  if (client->state == HANDSHAKE) {
    uint8_t *end = memmem(buffer, have, "\r\n\r\n", 4);
    if (end && strncmp((char *)buffer, "HTTP/1.1 101", 12) != 0) {
      lose(client);
      return;
    }
    if (end) {
      used = (size_t)(end - buffer) + 4;
      greet(client);
    }
  }
  struct frame frame;
  while (client->state != HANDSHAKE && (step = take_frame(buffer + used, have - used, &frame)) > 0) {
    used += step;
    if (!take(client, &frame)) return;
  }
  if (have - used > client->rest_size) client->rest = realloc(client->rest, have - used);
  if (have > used) memcpy(client->rest, buffer + used, have - used);
  client->rest_size = have - used;
}

/* -- all of them */
static void proceed(void) {
  while (is_going && next_one < total && (window == 0 || on_way < (size_t)window)) {
    on_way++;
    begin(&clients[next_one++]);
  }
  for (size_t i = 0; waiting && i < next_one; i++) {
    if (clients[i].state == IDLE && clients[i].due_ns <= now_ns()) {
      waiting--;
      begin(&clients[i]);
    }
  }
}

static void forget(void) {
  marks = frames = bytes = max_us = expected = 0;
  memset(late, 0, sizeof late);
}

static void obey(const char *command) {
  if (strcmp(command, "go") == 0) {
    is_going = 1;
    begun_ns = now_ns();
  } else if (strcmp(command, "reset") == 0) {
    forget();
    printf("forgotten\n");
  } else if (strncmp(command, "expect ", 7) == 0) {
    expected = strtoull(command + 7, NULL, 10);
    printf("expecting\n");
  } else if (strcmp(command, "stats") == 0) {
    printf("stats %lu %lu %lu %lu %.0f %.0f %lu\n", marks, frames, bytes, closed, percentile(late, 0.5),
           percentile(late, 0.99), max_us);
  } else if (strcmp(command, "stall") == 0) {
    for (size_t i = 0; i < total; i++)
      if (clients[i].fd >= 0) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, clients[i].fd, NULL);
    printf("stalled\n");
  }
}

static void read_commands(void) {
  static char line[256];
  static size_t used;
  ssize_t got = read(0, line + used, sizeof line - 1 - used);
  if (got <= 0) exit(0);
  used += (size_t)got;
  char *end;
  while ((end = memchr(line, '\n', used))) {
    *end = 0;
    obey(line);
    used -= (size_t)(end + 1 - line);
    memmove(line, end + 1, used);
  }
}

static void read_hellos(const char *name) {
  FILE *file = fopen(name, "r");
  if (!file) die(name);
  hellos = calloc(total, sizeof *hellos);
  size_t space = 0;
  for (size_t i = 0; i < total; i++) {
    ssize_t size = getline(&hellos[i], (space = 0, &space), file);
    if (size <= 0) die("too few hellos");
    hellos[i][size - 1] = 0;
  }
  fclose(file);
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: load PORT PATH N HELLOS READY WINDOW RCVBUF\n");
    return 2;
  }
  port = atoi(argv[1]);
  path = argv[2];
  total = strtoul(argv[3], NULL, 10);
  if (strcmp(argv[4], "-") != 0) read_hellos(argv[4]);
  ready_text = strcmp(argv[5], "-") == 0 ? NULL : argv[5];
  window = atoi(argv[6]);
  size_of_buffer = atoi(argv[7]);
  many_files();
  setvbuf(stdout, NULL, _IOLBF, 0);
  clients = calloc(total, sizeof *clients);
  buffer = malloc(BUFFER);
  for (size_t i = 0; i < total; i++) clients[i].fd = -1;
  epoll_fd = epoll_create1(0);
  watch(epoll_fd, EPOLL_CTL_ADD, 0, EPOLLIN, STDIN_TAG);
  struct epoll_event events[512];
  for (;;) {
    int ready = epoll_wait(epoll_fd, events, 512, waiting ? 5 : -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.u64 == STDIN_TAG) {
        read_commands();
        continue;
      }
      struct client *client = &clients[events[i].data.u64 - 1];
      if (client->fd < 0) continue;
      if (client->state == CONNECTING)
        ask(client);
      else
        hear(client);
    }
    proceed();
    if (expected && marks >= expected) {
      expected = 0;
      printf("done\n");
    }
  }
}
