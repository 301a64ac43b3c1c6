/* The floor: whatever arrives at /publish is framed once and handed to one write() per socket. Nothing else.
 *
 *   floor PORT
 *
 * It answers each request with 101 and does not even check the key: no server can do less for a delivery.
 */
#include "ws.h"

enum { LISTEN_TAG = 0, ROOM = 65536 };

struct peer {
  int fd, is_publisher;
};
static struct peer *peers;
static size_t count, space;

static void answer(struct peer *peer) {
  static const char reply[] =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"; /* of the one key that our clients send */
  static const char http[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  char request[4096];
  ssize_t got = read(peer->fd, request, sizeof request - 1);
  if (got > 0) {
    request[got] = 0;
    int is_socket = strcasestr(request, "upgrade: websocket") != NULL;
    peer->is_publisher = strncmp(request, "GET /publish", 12) == 0 ? 1 : 0;
    const char *text = is_socket ? reply : http;
    if (write(peer->fd, text, strlen(text)) < 0 || !is_socket) peer->is_publisher = -2;
  } else {
    peer->is_publisher = -2;
  }
  if (peer->is_publisher == -2) {
    close(peer->fd);
    peer->fd = -1;
  }
}

static void relay(const struct frame *frame) {
  static uint8_t out[ROOM + HEADER_MAX];
  size_t head = put_head(out, TEXT, frame->size, 0);
  memcpy(out + head, frame->payload, frame->size);
  for (size_t i = 0; i < count; i++) {
    if (peers[i].fd < 0 || peers[i].is_publisher) continue;
    if (write(peers[i].fd, out, head + frame->size) < 0 && errno != EAGAIN) {
      close(peers[i].fd);
      peers[i].fd = -1;
    }
  }
}

static void hear(struct peer *peer) {
  static uint8_t in[ROOM];
  static size_t have; /* there is one publisher */
  uint8_t waste[4096];
  ssize_t got = peer->is_publisher ? read(peer->fd, in + have, sizeof in - have) : read(peer->fd, waste, sizeof waste);
  if (got <= 0) {
    close(peer->fd);
    peer->fd = -1;
    have = peer->is_publisher ? 0 : have;
    return;
  }
  if (!peer->is_publisher) return;
  have += (size_t)got;
  struct frame frame;
  size_t used;
  while ((used = take_frame(in, have, &frame)) > 0) {
    if (frame.opcode == TEXT) relay(&frame);
    memmove(in, in + used, have - used);
    have -= used;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: floor PORT\n");
    return 2;
  }
  many_files();
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (void *)&here, sizeof here) || listen(listener, 4096)) die("listen");
  watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, LISTEN_TAG);
  struct epoll_event events[256];
  for (;;) {
    int ready = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.u64 == LISTEN_TAG) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (count == space) peers = realloc(peers, (space = space ? 2 * space : 1024) * sizeof *peers);
        peers[count++] = (struct peer){.fd = fd, .is_publisher = -1};
        watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, count);
      } else {
        struct peer *peer = &peers[events[i].data.u64 - 1];
        if (peer->fd < 0) continue;
        if (peer->is_publisher == -1)
          answer(peer);
        else
          hear(peer);
      }
    }
  }
}
