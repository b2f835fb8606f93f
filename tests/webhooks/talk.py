"""Speaks to a running hub as a client does, and keeps what its webhooks bring, byte for byte.

Writes one JSON line a webhook: headers, body (base64), and the secrets that must verify it. It checks
nothing but that everything arrives, in order: verify.py and verify.mjs do.
"""

import base64
import http.server
import json
import queue
import subprocess
import sys
import threading
import urllib.request

PROGRAM, CONFIG, URL, KEY, RECEIVED = sys.argv[1:]
PARTNER = "webhooks"
# Far more than two cores take.
LONGEST_S = 20

# What breaks signatures that are made of an object instead of bytes.
TEXTS = [
    "plain",
    "emoji 😀 👩‍👩‍👧 and Ünïcödé, \u2028 and \u2029",
    'quotes " \\ / and \' <b>&amp;</b>',
    "lines\nand\ttabs\r\n",
    '{"looks":"like JSON"}',
]
METADATA = {
    "10": "ten",
    "9": "nine",
    "b": 1,
    "a": 2,
    "01": "no position",
    "4294967295": "no position either",
    "large": 9007199254740993,
    "larger": 18446744073709551615,
    "tiny": 1e-7,
    "huge": 1.5e300,
    "whole": 1.0,
    "minus zero": -0.0,
    "control": "\u0000\u0007\u0008\u000b\u000c\u001f\u007f\u0085",
    "nested": {"2": [1.10, {"1": None, "z": True, "y": "\ud83d\ude00"}], "1": []},
    "__proto__": "own",
    "ключ 😀 \"": "key",
}

arrived = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        arrived.put((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(method, path, body):
    request = urllib.request.Request(URL + "/api/omnichannel" + path, json.dumps(body).encode(), method=method)
    request.add_header("Authorization", "Bearer " + KEY)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
        return json.load(answer)


def secrets():
    command = [PROGRAM, "partners", "secret", "show", PARTNER, "--json", "--config", CONFIG]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [each["secret"] for each in shown]


def created(webhook, text):
    body = {
        "channel": "WHATSAPP",
        "channelReferenceId": "WA-" + text.split()[0],
        "serviceType": "INQUIRY",
        "customer": {"name": "Jane Smith", "email": "jane.smith@email.com"},
        "ticket": {"title": "Inquiry", "description": text, "metadata": METADATA},
        "integration": {"webhookUrl": webhook},
    }
    return ask("POST", "/tickets", body)["ticketNumber"]


def keep(out, event):
    headers, body = arrived.get(timeout=LONGEST_S)
    assert json.loads(body)["event"] == event, (event, body)
    line = {"headers": headers, "body": base64.b64encode(body).decode(), "secrets": secrets()}
    out.write(json.dumps(line) + "\n")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    webhook = "http://127.0.0.1:%d/hook" % server.server_port
    with open(RECEIVED, "w", encoding="utf-8") as out:
        for text in TEXTS:
            number = created(webhook, text)
            keep(out, "TICKET_CREATED")
            ask("PATCH", "/tickets/" + number, {"action": "ADD_COMMENT", "comment": text})
            keep(out, "COMMENT_ADDED")
        ask("PATCH", "/tickets/" + number, {"action": "UPDATE_STATUS", "status": "PENDING"})
        keep(out, "STATUS_CHANGED")
        rotate = [PROGRAM, "partners", "secret", "rotate", PARTNER, "--config", CONFIG]
        subprocess.run(rotate, check=True, capture_output=True)
        created(webhook, "while two secrets sign")
        keep(out, "TICKET_CREATED")
    assert arrived.empty()


main()
