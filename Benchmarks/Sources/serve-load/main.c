// A cheap client: PutEvents in batches of 10 at a given rate, ReceiveMessage and DeleteMessageBatch in batches of 10, one
// thread, kept connections, every request signed. Each event carries the microsecond at which it was due (not that at
// which a connection was free for it), so that a server that falls behind shows in the latencies.
//
//   serve-load HOST PORT REGION QUEUE_URL EVENTS_PER_SECOND SECONDS PUTTERS RECEIVERS BYTES
//
// A rate of 0 puts as fast as the connections go. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are in the environment. It
// writes `begin` and `end` at the borders of what is measured, and then what it has seen as one line of JSON.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "signing.h"

enum { BATCH = 10, LARGEST_REQUEST = 256 * 1024, LARGEST_ANSWER = 4 * 1024 * 1024, MOST_CONNECTIONS = 256 };

static const struct operation put_events = {"events", "AWSEvents.PutEvents", "1.1"};
static const struct operation receive_message = {"sqs", "AmazonSQS.ReceiveMessage", "1.0"};
static const struct operation delete_messages = {"sqs", "AmazonSQS.DeleteMessageBatch", "1.0"};

enum state { IDLE, PUTTING, RECEIVING, DELETING };

struct connection {
  int socket;
  enum state state;
  char *out, *in;
  size_t out_length, out_sent, in_length;
  int64_t due;  // of the request under way
  uint64_t first;  // number of its first event
};

struct samples {
  uint32_t *values;
  size_t count, capacity;
};

static struct signer signer;
static struct sockaddr_in address;
static char host[64];
static const char *queue_url;
static int event_bytes, poller;
static struct connection connections[MOST_CONNECTIONS];
static uint8_t *seen;  // how often each event was received
static uint64_t most_events, next_event, received, failed, refused, twice, put_requests, receive_requests;
static struct samples put_latency, end_latency;
static int64_t started, measured_from, measured_to;
static bool is_over;  // nothing new is asked for

static int64_t microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void fail(const char *what) {
  fprintf(stderr, "serve-load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void note(struct samples *samples, int64_t value) {
  if (samples->count == samples->capacity) {
    samples->capacity = samples->capacity ? samples->capacity * 2 : 1 << 16;
    samples->values = realloc(samples->values, samples->capacity * sizeof *samples->values);
    if (!samples->values) fail("samples");
  }
  samples->values[samples->count++] = value < 0 ? 0 : (uint32_t)value;
}

// Sockets

static void open_connection(struct connection *connection) {
  connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->socket < 0 || connect(connection->socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
  int on = 1;
  setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(connection->socket, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event)) fail("epoll_ctl");
}

static void reopen(struct connection *connection) {
  close(connection->socket);
  open_connection(connection);
}

static void push(struct connection *connection) {
  while (connection->out_sent < connection->out_length) {
    ssize_t count =
      write(connection->socket, connection->out + connection->out_sent, connection->out_length - connection->out_sent);
    if (count < 0 && errno == EAGAIN) {
      struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = connection};
      epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &event);
      return;
    }
    if (count < 0) fail("write");
    connection->out_sent += (size_t)count;
  }
}

static void request(
  struct connection *connection, enum state state, const struct operation *operation, const char *body, size_t length
) {
  connection->out_length = signed_request(connection->out, &signer, operation, host, body, length);
  connection->out_sent = connection->in_length = 0;
  connection->state = state;
  push(connection);
}

// What is asked

static void put(struct connection *connection, int64_t due) {
  static char body[LARGEST_REQUEST - 4096];
  char *to = body + sprintf(body, "{\"Entries\":[");
  connection->first = next_event;
  for (int i = 0; i < BATCH; i++) {
    to += sprintf(
      to,
      "%s{\"Source\":\"benchmark.load\",\"DetailType\":\"Load\",\"Detail\":"
      "\"{\\\"t\\\":%lld,\\\"n\\\":%llu,\\\"text\\\":\\\"",
      i ? "," : "", (long long)due, (unsigned long long)next_event++);
    memset(to, 'x', (size_t)event_bytes);
    to += event_bytes;
    to += sprintf(to, "\\\"}\"}");
  }
  to += sprintf(to, "]}");
  connection->due = due;
  request(connection, PUTTING, &put_events, body, (size_t)(to - body));
}

static void receive(struct connection *connection) {
  if (is_over) return;
  char body[512];
  int length = snprintf(
    body, sizeof body, "{\"QueueUrl\":\"%s\",\"MaxNumberOfMessages\":%d,\"WaitTimeSeconds\":2}", queue_url, BATCH);
  receive_requests++;
  request(connection, RECEIVING, &receive_message, body, (size_t)length);
}

// The number after a key that is written `\"KEY\":` within a string of JSON, with or without a space.
static int64_t number_after(const char **at, const char *key) {
  const char *found = strstr(*at, key);
  if (!found) return -1;
  found += strlen(key);
  while (*found == ' ' || *found == ':') found++;
  *at = found;
  return strtoll(found, NULL, 10);
}

static void note_messages(const char *answer, int64_t now) {
  const char *at = answer;
  int64_t due;
  while ((due = number_after(&at, "{\\\"t\\\"")) >= 0) {
    int64_t number = number_after(&at, "\\\"n\\\"");
    // What an earlier run has left behind is deleted and not counted.
    if (number < 0 || (uint64_t)number >= most_events || due < started) continue;
    if (seen[number]++) {
      twice++;
    } else {
      received++;
      if (due >= measured_from && due < measured_to) note(&end_latency, now - due);
    }
  }
}

// Deletes what an answer brought; whether it brought anything.
static bool delete(struct connection *connection, const char *answer) {
  static char body[LARGEST_REQUEST - 4096];
  char *to = body + sprintf(body, "{\"QueueUrl\":\"%s\",\"Entries\":[", queue_url);
  int count = 0;
  const char *at = answer;
  while (count < BATCH && (at = strstr(at, "\"ReceiptHandle\""))) {
    at = strchr(at + 15, '"');
    const char *end = at ? strchr(at + 1, '"') : NULL;
    if (!end) break;
    to += sprintf(to, "%s{\"Id\":\"%d\",\"ReceiptHandle\":%.*s\"}", count ? "," : "", count, (int)(end - at), at);
    at = end;
    count++;
  }
  to += sprintf(to, "]}");
  if (count) request(connection, DELETING, &delete_messages, body, (size_t)(to - body));
  return count > 0;
}

// Answers

// The length of a whole answer that has come, or 0; `status` and `closes` are told by its head.
static size_t whole_answer(struct connection *connection, bool at_end, int *status, bool *closes) {
  connection->in[connection->in_length] = 0;
  char *end = strstr(connection->in, "\r\n\r\n");
  if (!end) return 0;
  *status = atoi(connection->in + 9);
  *end = 0;
  char *length = strcasestr(connection->in, "\r\ncontent-length:");
  *closes = strcasestr(connection->in, "\r\nconnection: close") != NULL;
  *end = '\r';
  size_t head = (size_t)(end - connection->in) + 4;
  if (!length) return at_end ? connection->in_length : 0;
  size_t whole = head + strtoul(length + 17, NULL, 10);
  if (whole > LARGEST_ANSWER) fail("an answer is too large");
  return connection->in_length >= whole ? whole : 0;
}

static void answered(struct connection *connection, int status) {
  int64_t now = microseconds();
  const char *body = strstr(connection->in, "\r\n\r\n") + 4;
  enum state state = connection->state;
  connection->state = IDLE;
  if (status != 200) {
    if (failed++ == 0) fprintf(stderr, "serve-load: %d: %.300s\n", status, body);
  }
  switch (state) {
  case PUTTING:
    put_requests++;
    if (status == 200 && !strstr(body, "\"FailedEntryCount\":0") && !strstr(body, "\"FailedEntryCount\": 0")) refused++;
    if (connection->due >= measured_from && connection->due < measured_to) note(&put_latency, now - connection->due);
    break;
  case RECEIVING:
    note_messages(body, now);
    if (!delete(connection, body)) receive(connection);
    break;
  case DELETING: receive(connection); break;
  case IDLE: break;
  }
}

static void take(struct connection *connection) {
  bool at_end = false;
  while (true) {
    ssize_t count = read(connection->socket, connection->in + connection->in_length, LARGEST_ANSWER - connection->in_length);
    if (count < 0 && errno == EAGAIN) break;
    if (count <= 0) {
      at_end = true;
      break;
    }
    connection->in_length += (size_t)count;
  }
  int status;
  bool closes = false;
  if (connection->state != IDLE && whole_answer(connection, at_end, &status, &closes)) {
    if (at_end || closes) reopen(connection);
    answered(connection, status);
  } else if (at_end) {
    if (connection->state != IDLE) fail("the server closed a connection");
    reopen(connection);
  }
}

// Report

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static void report(const char *name, struct samples *samples) {
  qsort(samples->values, samples->count, sizeof *samples->values, by_value);
  printf("\"%s\":{\"count\":%zu", name, samples->count);
  static const struct {
    const char *name;
    double part;
  } parts[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
  for (size_t i = 0; samples->count && i < sizeof parts / sizeof *parts; i++) {
    size_t at = (size_t)(parts[i].part * (double)(samples->count - 1));
    printf(",\"%s\":%.3f", parts[i].name, samples->values[at] / 1000.0);
  }
  printf("},");
}

static double processor_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
  if (count != 10 || !getenv("AWS_ACCESS_KEY_ID") || !getenv("AWS_SECRET_ACCESS_KEY")) {
    fprintf(stderr, "serve-load HOST PORT REGION QUEUE_URL EVENTS_PER_SECOND SECONDS PUTTERS RECEIVERS BYTES\n");
    return 2;
  }
  signer = (struct signer){getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), arguments[3]};
  address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
  if (inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1) fail("the host has to be an IPv4 address");
  snprintf(host, sizeof host, "%s:%s", arguments[1], arguments[2]);
  queue_url = arguments[4];
  double rate = atof(arguments[5]), seconds = atof(arguments[6]);
  int putters = atoi(arguments[7]), all = putters + atoi(arguments[8]);
  event_bytes = atoi(arguments[9]);
  if (putters < 1 || all > MOST_CONNECTIONS || event_bytes < 0 || event_bytes > 16 * 1024) fail("arguments");
  most_events = (uint64_t)((rate > 0 ? rate : 100000) * (seconds + 10)) + BATCH * MOST_CONNECTIONS;
  seen = calloc(most_events, 1);
  poller = epoll_create1(EPOLL_CLOEXEC);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (!seen || poller < 0 || timer < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event)) fail("setup");
  started = microseconds();
  for (int i = 0; i < all; i++) {
    connections[i].out = malloc(LARGEST_REQUEST);
    connections[i].in = malloc(LARGEST_ANSWER + 1);
    if (!connections[i].out || !connections[i].in) fail("buffers");
    open_connection(&connections[i]);
    if (i >= putters) receive(&connections[i]);
  }

  // Two seconds of warming up, then what is measured, then up to ten seconds for what is still on its way.
  const int64_t start = started;
  const double interval = rate > 0 ? 1e6 * BATCH / rate : 0;
  measured_from = start + 2000000;
  measured_to = measured_from + (int64_t)(seconds * 1e6);
  bool has_begun = false, has_ended = false;
  double cpu = 0, cpu_at_begin = 0;
  uint64_t put_at_begin = 0, put_in_time = 0, got_at_begin = 0, got_in_time = 0, asked_at_begin = 0, asked_in_time = 0;
  for (uint64_t batch = 0;;) {
    int64_t now = microseconds();
    if (!has_begun && now >= measured_from) {
      has_begun = true;
      cpu_at_begin = processor_seconds();
      put_at_begin = put_requests;
      got_at_begin = received;
      asked_at_begin = receive_requests;
      puts("begin");
      fflush(stdout);
    }
    if (!has_ended && now >= measured_to) {
      has_ended = true;
      cpu = processor_seconds() - cpu_at_begin;
      put_in_time = put_requests - put_at_begin;
      got_in_time = received - got_at_begin;
      asked_in_time = receive_requests - asked_at_begin;
      puts("end");
      fflush(stdout);
    }
    bool is_putting = false;
    int64_t next = now + 10000;
    for (int i = 0; i < putters; i++) {
      if (connections[i].state != IDLE) {
        is_putting = true;
      } else if (next_event + BATCH <= most_events) {
        int64_t due = interval > 0 ? start + (int64_t)((double)batch * interval) : now;
        if (due >= measured_to) break;
        if (due > now) {
          next = due < next ? due : next;
          break;
        }
        put(&connections[i], due);
        batch++;
        is_putting = true;
      }
    }
    if (has_ended && !is_putting && (received >= next_event || now > measured_to + 10000000)) is_over = true;
    // A poll that was given up by its client would still take messages of the next run.
    bool is_waiting = false;
    for (int i = putters; i < all; i++) is_waiting |= connections[i].state != IDLE;
    if (is_over && (!is_waiting || now > measured_to + 20000000)) break;
    struct itimerspec wake = {.it_value = {next / 1000000, next % 1000000 * 1000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &wake, NULL);
    struct epoll_event events[64];
    int ready = epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      uint64_t ticks;
      if (!connection) {
        if (read(timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) fail("timer");
        continue;
      }
      if (events[i].events & EPOLLOUT) {
        struct epoll_event reading = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &reading);
        push(connection);
      }
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(connection);
    }
  }

  printf("{");
  report("put_ms", &put_latency);
  report("end_to_end_ms", &end_latency);
  printf(
    "\"seconds\":%.3f,\"events_put\":%llu,\"events_received\":%llu,\"receives\":%llu,\"lost\":%llu,\"twice\":%llu,"
    "\"failed\":%llu,\"client_cpu\":%.3f}\n",
    seconds, (unsigned long long)put_in_time * BATCH, (unsigned long long)got_in_time, (unsigned long long)asked_in_time,
    (unsigned long long)(next_event - received), (unsigned long long)twice, (unsigned long long)(failed + refused), cpu);
  return 0;
}
