// A portal's address that was written from the text of Standard Webhooks and the practice's JSON Web Keys alone:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, with WebCrypto's Ed25519.
// Its argument: the keys as `GET /practice` gives them. Prints its port, then a line for each call: 'taken', or why not.
const { createServer } = require("node:http");
const { subtle } = globalThis.crypto;

async function fault(headers, body, keys) {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`]);
  if (!id || !/^\d+$/.test(timestamp ?? "") || !signatures) return "headers";
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return "old";
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  for (const one of signatures.split(" ")) {
    const [scheme, value] = one.split(",");
    if (scheme !== "v1a") continue;
    for (const key of keys) {
      if (await subtle.verify("Ed25519", key, Buffer.from(value, "base64"), signed)) return "";
    }
  }
  return "signature";
}

(async () => {
  const keys = await Promise.all(JSON.parse(process.argv[2]).map(
    ({ kty, crv, x }) => subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"])));
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const wrong = await fault(request.headers, Buffer.concat(chunks), keys);
    console.log(wrong || "taken");
    response.writeHead(wrong ? 401 : 204).end();
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
})();
