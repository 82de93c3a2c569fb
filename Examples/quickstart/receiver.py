#!/usr/bin/env python3
"""A webhook receiver for the demo: checks the signature (Standard Webhooks), prints and stores what it got.

usage: receiver.py PORT_FILE STORE

Listens on the loopback address at a port that is free, and writes the port into PORT_FILE. The secret is in
DEMO_WEBHOOK_SECRET. STORE gets a line of JSON per message; a message that comes twice is stored once.
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def secret_key(secret):
    """The key of a Standard Webhooks secret: base64 after `whsec_`, else the bytes themselves."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret[len("whsec_"):])
    return secret.encode()


def is_genuine(key, headers, body, now):
    """Whether one of the signatures is right and the message is not older than five minutes."""
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identifier or not timestamp.isdigit() or abs(now - int(timestamp)) > 300:
        return False
    digest = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    return any(hmac.compare_digest(expected, given.encode()) for given in headers.get("webhook-signature", "").split())


class Store:
    """The messages by id, in a file of JSON lines."""

    def __init__(self, path):
        self.path, self.lock, self.seen = path, threading.Lock(), set()
        if path.exists():
            self.seen = {json.loads(line)["id"] for line in path.read_text().splitlines()}

    def add(self, identifier, body):
        with self.lock:
            if identifier in self.seen:
                return False
            self.seen.add(identifier)
            with self.path.open("a") as file:
                file.write(json.dumps({"id": identifier, "body": body}) + "\n")
            return True


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_genuine(self.server.key, self.headers, body, time.time()):
            self.answer(401)
            print("refused a message with a wrong signature", flush=True)
            return
        identifier = self.headers["webhook-id"]
        message = json.loads(body)
        if self.server.store.add(identifier, message):
            print(f"  {identifier}\n    {message.get('text', message)}", flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.key = secret_key(os.environ["DEMO_WEBHOOK_SECRET"])
    server.store = Store(pathlib.Path(sys.argv[2]))
    port_file = pathlib.Path(sys.argv[1])
    port_file.with_suffix(".new").write_text(str(server.server_port))
    port_file.with_suffix(".new").rename(port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
