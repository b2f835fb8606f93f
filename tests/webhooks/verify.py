"""Verifies what talk.py kept with the package of PyPI, and that what was changed does not verify."""

import base64
import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

count = 0
for line in open(sys.argv[1], encoding="utf-8"):
    kept = json.loads(line)
    body = base64.b64decode(kept["body"])
    headers = {name.lower(): value for name, value in kept["headers"].items()}
    for secret in kept["secrets"]:
        Webhook(secret).verify(body, headers)
        count += 1
        try:
            Webhook(secret).verify(body.replace(b'"event"', b'"Event"'), headers)
        except WebhookVerificationError:
            continue
        sys.exit("a changed body verifies")
print("%d signatures verify by standardwebhooks of PyPI" % count)
sys.exit(count < 12)
