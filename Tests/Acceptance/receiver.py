"""A webhook endpoint that keeps what it gets and answers as it is told."""

import collections
import http.server
import json
import random
import threading
import time

Answer = collections.namedtuple("Answer", "status headers body", defaults=(200, {}, b"ok"))


class Request:
    """A request as it came in; times are seconds of the monotonic clock."""

    def __init__(self, path, headers, body):
        self.path = path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.delivery = headers.get("webhook-id")
        self.body = body
        self.at = time.monotonic()

    @property
    def event(self):
        return json.loads(self.body)["event"]


class Receiver:
    """What it does with a request depends on the path: /ok answers 200, /slow after a moment, /flaky sometimes 503,
    /hang never; `on` adds others. A delivery counts as received when the whole body is there, whatever is answered.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.received = collections.defaultdict(list)  # path -> [Request]
        self.under_way = collections.Counter()  # path -> requests without an answer
        self.most_at_once = collections.Counter()
        self.refused = set()  # paths that answer 404
        self.closing = threading.Event()
        self.answers = {
            "/hang": lambda _: self.closing.wait() and None,
            "/slow": lambda _: time.sleep(0.02) or Answer(),
            "/flaky": lambda _: Answer(503 if random.random() < 0.2 else 200),
        }
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer in one packet; in two, Nagle's algorithm makes each request wait 40 ms.
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                try:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                    answer = receiver.take(Request(self.path, self.headers, body))
                    if answer is None:
                        return
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                except (ConnectionError, BrokenPipeError):
                    pass

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def on(self, path, answer):
        """Has `answer(request)` decide what a request to the path gets; None closes the connection without a word."""
        self.answers[path] = answer

    def take(self, request):
        path = request.path
        with self.lock:
            self.received[path].append(request)
            self.under_way[path] += 1
            self.most_at_once[path] = max(self.most_at_once[path], self.under_way[path])
            refused = path in self.refused
        try:
            answer = self.answers.get(path, lambda _: Answer())(request)
        finally:
            # Before the answer goes out: afterwards the next request may be there before we have counted this one out.
            with self.lock:
                self.under_way[path] -= 1
        return Answer(404) if answer and refused else answer

    def requests(self, path):
        """All requests to a path, in the order of their coming."""
        with self.lock:
            return list(self.received[path])

    def count(self, path):
        """How many requests to a path came."""
        with self.lock:
            return len(self.received[path])

    def deliveries(self, path):
        """event id -> {delivery ids}, and how many requests came in all."""
        found = collections.defaultdict(set)
        requests = self.requests(path)
        for request in requests:
            found[request.event].add(request.delivery)
        return found, len(requests)

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
