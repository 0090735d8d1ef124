// An independent ActivityPub server for the tests, built on Fedify. It verifies with Fedify's own code only, keeps a log
// of what reached it, and takes orders over a plain control port:
//
//   node peer.mjs --port 8443 --control 8444 --certificate cert.pem --key key.pem
//
// The authority that signed the certificates comes in NODE_EXTRA_CA_CERTS.
import { createFederation, generateCryptoKeyPair, MemoryKvStore, signRequest, verifyObject, verifyRequest } from "@fedify/fedify";
import { Accept, Activity, Create, Delete, Endpoints, Follow, Person, Reject, Undo, Update, isActor } from "@fedify/vocab";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { port: { type: "string" }, control: { type: "string" }, certificate: { type: "string" }, key: { type: "string" } },
});
const origin = `https://localhost:${options.port}`;
const identifier = "reader";
const keyPairs = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];

const received = []; // every POST: {path, status, body, headers, signature, proof}
const heard = []; // what Fedify let through to a listener: {type, id, actor, object}

const federation = createFederation({
  kv: new MemoryKvStore(),
  allowPrivateAddress: true, // the servers under test live on loopback
  signatureTimeWindow: { hours: 1 },
});

federation
  .setActorDispatcher("/users/{identifier}", async (context, name) => {
    if (name !== identifier) return null;
    const keys = await context.getActorKeyPairs(name);
    return new Person({
      id: context.getActorUri(name),
      preferredUsername: name,
      name: "A reader elsewhere",
      inbox: context.getInboxUri(name),
      endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((key) => key.multikey),
    });
  })
  .setKeyPairsDispatcher((_context, name) => (name === identifier ? keyPairs : []));

const listeners = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
for (const type of [Accept, Reject, Create, Update, Delete, Undo]) {
  listeners.on(type, (_context, activity) => {
    heard.push({
      type: type.name,
      id: activity.id?.href ?? null,
      actor: activity.actorId?.href ?? null,
      object: activity.objectId?.href ?? null,
    });
  });
}

const context = () => federation.createContext(new URL(origin), undefined);

// What Fedify says of one POST, apart from what its inbox does: is the HTTP signature right, is the proof right?
async function judge(url, headers, body) {
  const loaders = { documentLoader: context().documentLoader, contextLoader: context().contextLoader };
  const key = await verifyRequest(new Request(url, { method: "POST", headers, body }), loaders);
  let proved = false;
  try {
    proved = (await verifyObject(Activity, JSON.parse(body.toString("utf8")), loaders)) !== null;
  } catch {
    // Not an object that Fedify can read: not proved.
  }
  return { signature: key?.id?.href ?? null, proof: proved };
}

async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function headersOf(request) {
  const headers = new Headers();
  for (let i = 0; i < request.rawHeaders.length; i += 2) headers.append(request.rawHeaders[i], request.rawHeaders[i + 1]);
  return headers;
}

async function serve(request, response) {
  const body = await readAll(request);
  const url = new URL(request.url, origin);
  const headers = headersOf(request);
  const incoming = new Request(url, { method: request.method, headers, ...(body.length ? { body } : {}) });
  const answer = await federation.fetch(incoming, { contextData: undefined });
  const text = Buffer.from(await answer.arrayBuffer());
  if (request.method === "POST") {
    const verdict = await judge(url, headers, body);
    received.push({ path: request.url, status: answer.status, body: body.toString("utf8"), headers: Object.fromEntries(headers), ...verdict });
  }
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(text);
}

// Orders. Each takes and gives JSON.
const orders = {
  log: () => ({ received, heard }),

  async lookup({ handle }) {
    const found = await context().lookupObject(handle);
    return { id: found?.id?.href ?? null, type: found?.constructor?.name ?? null, name: found?.name?.toString() ?? null, isActor: found !== null && isActor(found) };
  },

  async follow({ handle }) {
    const them = await context().lookupObject(handle);
    const follow = new Follow({ id: new URL(`${origin}/follows/1`), actor: context().getActorUri(identifier), object: them.id });
    await context().sendActivity({ identifier }, them, follow, { immediate: true });
    return { id: follow.id.href, object: them.id.href };
  },

  async unfollow({ handle }) {
    const them = await context().lookupObject(handle);
    const us = context().getActorUri(identifier);
    const follow = new Follow({ id: new URL(`${origin}/follows/1`), actor: us, object: them.id });
    const undo = new Undo({ id: new URL(`${origin}/undos/1`), actor: us, object: follow });
    await context().sendActivity({ identifier }, them, undo, { immediate: true });
    return { id: undo.id.href };
  },

  // A signed GET, as Mastodon in secure mode and GoToSocial send it.
  async fetch({ url, accept = "application/activity+json" }) {
    const key = (await context().getActorKeyPairs(identifier))[0];
    const request = await signRequest(new Request(url, { headers: { Accept: accept } }), key.privateKey, key.keyId);
    const answer = await fetch(request, { redirect: "manual" });
    return { status: answer.status, type: answer.headers.get("content-type"), headers: Object.fromEntries(answer.headers), body: await answer.text() };
  },

  // Whether Fedify, from the bytes alone, accepts the proof of a document.
  async prove({ document }) {
    const loaders = { documentLoader: context().documentLoader, contextLoader: context().contextLoader };
    const { Object: AnyObject } = await import("@fedify/vocab");
    return { proof: (await verifyObject(AnyObject, document, loaders)) !== null };
  },

  async traverse({ url }) {
    const collection = await context().lookupObject(url, { crossOrigin: "trust" });
    const ids = [];
    for await (const item of context().traverseCollection(collection)) ids.push(item.id?.href);
    return { total: collection.totalItems, ids };
  },

  // Signs a body rightly with Fedify, then flips one bit of it before it goes.
  async forge({ inbox, activity, spec = "draft-cavage-http-signatures-12" }) {
    const key = (await context().getActorKeyPairs(identifier))[0];
    const body = Buffer.from(JSON.stringify({ ...activity, actor: context().getActorUri(identifier).href }));
    const headers = { "Content-Type": "application/activity+json" };
    const signed = await signRequest(new Request(inbox, { method: "POST", headers, body }), key.privateKey, key.keyId, { spec });
    const statuses = {};
    for (const flipped of [true, false]) {
      const sent = Buffer.from(body);
      if (flipped) sent[sent.length - 4] ^= 1;
      const answer = await fetch(inbox, { method: "POST", headers: signed.headers, body: sent });
      statuses[flipped ? "flipped" : "whole"] = answer.status;
    }
    return statuses;
  },
};

// Sends a POST that came before once more, perhaps changed, to Fedify's own door.
orders.replay = async ({ path, headers, body }) => {
  const bytes = Buffer.from(body, "latin1");
  const request = new Request(new URL(path, origin), { method: "POST", headers, body: bytes });
  return { status: (await federation.fetch(request, { contextData: undefined })).status };
};

async function obey(request, response) {
  const order = JSON.parse((await readAll(request)).toString("utf8"));
  try {
    const result = await orders[order.do](order);
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(result));
  } catch (error) {
    response.writeHead(500, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}

createServer({ cert: readFileSync(options.certificate), key: readFileSync(options.key) }, (request, response) => {
  serve(request, response).catch((error) => {
    response.writeHead(500);
    response.end(String(error?.stack ?? error));
  });
}).listen(Number(options.port), "127.0.0.1", () => {
  createPlainServer(obey).listen(Number(options.control), "127.0.0.1", () => console.log("ready"));
});
