"""An OpenAI-compatible service that writes as real models do: mostly what was asked for, sometimes something else.

    imperfect_server.py PORT_FILE LOG_FILE

What it says depends on messages and seed alone: questions, answers, scenes and scripts, now and then cut, refused, in a
format of its own, in an assistant's manner, or empty. What becomes of a request depends on those before it: one in some
is answered 429 or 500, breaks off, stalls, or is no JSON. Each text that went out whole is a line of the log.
"""
import hashlib
import http.server
import json
import os
import random
import sys
import threading

LOCK = threading.Lock()
COUNT = [0]
THINGS = ["pears", "hives", "wax", "barley", "ribbons", "bells", "ploughs", "nets", "saddles", "candles"]
DEEDS = ["sell", "guard", "borrow", "count", "bless", "fetch", "mend", "bury"]
PLACES = ["the mill", "the ford", "the chapel", "the market", "the walls", "the long barn"]
FORGES = ["Type: chat", "Type: debate", "**Type:** discussion", "Type: speech"]


def some(draw, words, count):
    return " ".join(draw.choice(words) for _ in range(count))


def question(draw):
    return "Did you %s the %s of day %d, or did you %s the %s of day %d?" % (
        draw.choice(DEEDS), draw.choice(THINGS), draw.randrange(10**5), draw.choice(DEEDS), draw.choice(THINGS),
        draw.randrange(10**5))


def answer(draw):
    return "I did %s the %s, %d of them; the other %d were for %s, and %d stayed behind." % (
        draw.choice(DEEDS), draw.choice(THINGS), draw.randrange(10**5), draw.randrange(10**5), draw.choice(PLACES),
        draw.randrange(10**5))


def scenes(draw):
    told = ["Here are the scenes that you asked for:"] if draw.randrange(3) == 0 else []
    for _ in range(5):
        lines = [draw.choice(FORGES), "Location: %s, day %d" % (draw.choice(PLACES), draw.randrange(99)),
                 "Background: %d %s for %d %s: who counted the %d %s?" % (
                     draw.randrange(10**5), draw.choice(THINGS), draw.randrange(10**5), draw.choice(THINGS),
                     draw.randrange(10**5), draw.choice(THINGS))]
        if draw.randrange(6) == 0:
            lines.pop(draw.randrange(3))
        told.append("\n".join(lines))
    told.append("Type: chat\nLocation: the mill\nBackground: The mill wheel stands still again.")
    return "\n\n".join(told)


def script(draw):
    told = ["Background: It rains at %s." % draw.choice(PLACES)]
    for _ in range(4):
        told.append("Ida (speaking)\nWhere are the %d %s?" % (draw.randrange(10**5), draw.choice(THINGS)))
        if draw.randrange(4) == 0:
            told.append("Ida (thinking)\nHe hides the otherthought.")
        told += ["Orlando (thinking)\nPerhaps %d." % draw.randrange(10**5)] * draw.randrange(4)
        told.append("Orlando (speaking)\n" + answer(draw))
        if draw.randrange(8) == 0:
            told.append("The rain grows louder.")
    return "\n\n".join(told)


def text_for(asked):
    """What is written, and whether it is cut: by messages and seed alone."""
    key = json.dumps([asked["messages"], asked.get("seed")])
    draw = random.Random(hashlib.sha256(key.encode()).hexdigest())
    last = asked["messages"][-1]["content"]
    writes = {"The line, please.": question, "The scenes, please.": scenes, "The script, please.": script}
    text = writes.get(last, answer)(draw)
    how = draw.randrange(20)
    if how == 0:
        return text[: len(text) // 2], "length"
    if how == 1:
        return "I'm sorry, but as an AI language model I cannot take part in this.", "stop"
    if how == 2:
        return json.dumps({"line": text}), "stop"
    if how == 3:
        return "Certainly! Here is what you asked for:\n\n" + text, "stop"
    if how == 4:
        return "", "stop"
    if how == 5:
        return text + "\n\nLet me know if you would like another one!", "stop"
    if how == 6:
        return "*bows* " + text, "stop"
    return text, "stop"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError):
            pass  # whoever asked was killed

    def answer(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        with LOCK:
            COUNT[0] += 1
            turn = COUNT[0]
        if turn % 41 == 0:
            return self.whole(429, b'{"error":{"message":"too many"}}', [("Retry-After", "0")])
        if turn % 67 == 0:
            return self.whole(500, b"<html>oops</html>", [])
        text, why = text_for(asked)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        if turn % 83 == 0:
            self.wfile.write(b"data: {no json\n\n")
            return None
        self.event({"choices": [{"index": 0, "delta": {"content": text[:7]}, "finish_reason": None}]})
        if turn % 97 == 0:
            return None  # the line is cut
        if turn % 131 == 0:
            self.connection.recv(1)  # until the other side has had enough
            return None
        self.event({"choices": [{"index": 0, "delta": {"content": text[7:]}, "finish_reason": None}]})
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": why}],
                    "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}})
        self.wfile.write(b"data: [DONE]\n\n")
        self.wfile.flush()
        with LOCK, open(sys.argv[2], "a") as log:
            log.write(json.dumps({"text": text, "why": why}) + "\n")
        return None

    def whole(self, status, body, headers):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def event(self, value):
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(server.server_address[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
