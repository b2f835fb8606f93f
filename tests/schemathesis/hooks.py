"""What schemathesis does not know of the door: a body under an idempotency key that was used for another
one is answered 422 before it is looked at. So the keys of the examples are made different each time."""

import itertools

import schemathesis

EXAMPLES = ["req_123456789", "REQ-2024-001-UNIQUE"]
count = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    body = case.body
    integration = body.get("integration") if isinstance(body, dict) else None
    # A key that is itself what is tried, as a number or a long text, stays as it is.
    if isinstance(integration, dict) and integration.get("requestId") in EXAMPLES:
        key = f"{integration['requestId']}-{next(count)}"
        # Cases share their parts.
        case.body = {**body, "integration": {**integration, "requestId": key}}
