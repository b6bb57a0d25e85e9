// A portal that knows nothing of Sprechzeit but its contract: npm http-message-signatures signs and verifies.
// Reads {url, method, body, keyid, privateKey (PKCS 8, PEM), trusted: {keyid: SPKI PEM}} as JSON, a call a line; writes
// {status, verified, body} a line.
const { createHash, createPrivateKey, createPublicKey, randomBytes, verify } = require("node:crypto");
const { createInterface } = require("node:readline");
const { httpbis, createSigner } = require(process.argv[2]);

async function call({ url, method, body, keyid, privateKey, trusted }) {
  const fields = ["@method", "@authority", "@path", "@query"];
  const headers = { Host: new URL(url).host };
  if (body) {
    headers["Content-Type"] = "application/json";
    headers["Content-Digest"] = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
    headers["Idempotency-Key"] = randomBytes(18).toString("base64url");
    fields.push("content-digest", "content-type", "idempotency-key");
  }
  const signed = await httpbis.signMessage({
    key: createSigner(createPrivateKey(privateKey), "ed25519", keyid), name: "foreign", fields,
    params: ["created", "nonce", "keyid", "tag"],
    paramValues: { nonce: randomBytes(18).toString("base64url"), tag: "sprechzeit-otv" },
  }, { method, url, headers });
  const answer = await fetch(url, { method, headers: signed.headers, body: body || undefined });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const response = { status: answer.status, headers: Object.fromEntries(answer.headers) };
  const verified = await httpbis.verifyMessage({
    keyLookup: async ({ keyid: named }) => trusted[named] && {
      id: named, algs: ["ed25519"],
      verify: async (data, signature) => verify(null, data, createPublicKey(trusted[named]), signature),
    },
    requiredFields: ["@status", "signature", ...(bytes.length ? ["content-digest", "content-type"] : [])],
    requiredParams: ["created", "keyid", "tag"], maxAge: 300, tolerance: 5,
  }, response, signed);
  const digest = `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
  return { status: answer.status, verified: verified === true && (!bytes.length || response.headers["content-digest"] === digest),
    body: bytes.toString() };
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await call(JSON.parse(line))));
  }
})();
