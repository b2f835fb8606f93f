// Verifies what talk.py kept: by the sample of OMNI API 1.0, "Webhook Security", over what
// JSON.stringify makes of the parsed body; and with the package of npm.

import assert from 'node:assert';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [received, modules] = process.argv.slice(2);
const { Webhook } = createRequire(`${modules}/`)('standardwebhooks');

function documented(WEBHOOK_SECRET, payload) {
  const signature = crypto
    .createHmac('sha256', WEBHOOK_SECRET)
    .update(JSON.stringify(payload))
    .digest('hex');
  return signature;
}

const lines = fs.readFileSync(received, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
let count = 0;
for (const { headers, body, secrets } of lines) {
  const bytes = Buffer.from(body, 'base64');
  const text = bytes.toString('utf8');
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  assert.strictEqual(JSON.stringify(JSON.parse(text)), text);
  // The newest secret's: a receiver changes over when it is given a new one.
  assert.strictEqual(documented(secrets[0], JSON.parse(text)), named['x-webhook-signature']);
  for (const secret of secrets) {
    new Webhook(secret).verify(text, named);
    assert.throws(() => new Webhook(secret).verify(text.replace('"event"', '"Event"'), named));
    count += 1;
  }
}
assert.strictEqual(lines.at(-1).secrets.length, 2);
console.log(`${lines.length} bodies verify by the documented sample, ${count} signatures by standardwebhooks of npm`);
