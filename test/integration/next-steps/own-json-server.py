"""A server with a JSON of its own, as many start out: it speaks no protocol that Plimsoll knows."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Predict(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200 if self.path == "/healthz" else 404, {"path": self.path})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.answer(200, {"prediction": sum(asked["features"])})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


HTTPServer((os.environ["PLIMSOLL_HOST"], int(os.environ["PLIMSOLL_PORT"])), Predict).serve_forever()
