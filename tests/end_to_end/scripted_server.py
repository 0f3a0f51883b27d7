"""An OpenAI-compatible service for tests: answers by rules, streams word by word.

    scripted_server.py PORT_FILE      listens on loopback, writes its port into the file

A message whose last line holds "slowly" is answered by one word every tenth of a second, without end in sight;
"broken" by an error of the service; "lines" by three lines; "escape" by terminal control characters;
any other by "You said: MESSAGE. (N messages, seed S)", and where it holds "gently", by one word every twentieth of a
second. A text to go on from is told back with the last word of the address, also in Ollama's way. The vector of a text
is [its letters, 0].
"""
import http.server
import json
import os
import sys
import time


def last_line(asked):
    return (asked["messages"][-1]["content"].splitlines() or [""])[-1]


def reply_to(asked):
    said = last_line(asked)
    if "lines" in said:
        return ["one\n", "two\n\n", "three"]
    if "escape" in said:
        return ["red \x1b[31malert\x1b]0;title\x07 done"]
    whole = "You said: %s. (%d messages, seed %s)" % (said, len(asked["messages"]), asked.get("seed"))
    return [word + " " for word in whole.split(" ")]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            vectors = [[len(text), 0] for text in asked["input"]]
            self.whole(200, {"data": [{"index": n, "embedding": vector}
                                      for n, vector in enumerate(vectors)]})
            return
        if "prompt" in asked:
            self.go_on(asked)
            return
        said = last_line(asked)  # what stands above it are the author's words
        if "broken" in said:
            self.whole(400, {"error": {"message": "the script says so"}})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        if "slowly" in said:
            try:
                for _ in range(600):
                    self.piece("word ")
                    time.sleep(0.1)
            except (BrokenPipeError, ConnectionResetError):
                return
        for word in reply_to(asked):
            self.piece(word)
            if "gently" in said:
                time.sleep(0.05)
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def go_on(self, asked):
        """A text as it stands: it is told back, with the name of the address."""
        words = "[%s goes on from: %s]" % (self.path.rsplit("/", 1)[-1], asked["prompt"])
        if self.path.endswith("/api/generate"):
            self.head("application/x-ndjson")
            for piece in ({"response": words, "done": False}, {"response": "", "done": True, "done_reason": "stop"}):
                self.wfile.write(json.dumps(piece).encode() + b"\n")
        else:
            self.head("text/event-stream")
            self.event({"choices": [{"index": 0, "text": words, "finish_reason": None}]})
            self.event({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]})
            self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def head(self, content_type):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()

    def whole(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def piece(self, words):
        self.event({"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": None}]})

    def event(self, value):
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(server.server_address[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
