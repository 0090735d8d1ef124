// Fedify as a sender, for the bench: as its manual sets it up for one process, a queue in memory with 64 workers. Orders
// come as lines of JSON on the standard input, whose end ends it. The authority of the receivers' certificates comes in
// NODE_EXTRA_CA_CERTS.
import { createFederation, generateCryptoKeyPair, InProcessMessageQueue, MemoryKvStore, ParallelMessageQueue } from "@fedify/fedify";
import { Article, Create, Person, PUBLIC_COLLECTION } from "@fedify/vocab";
import { createInterface } from "node:readline";

const origin = "https://other.example";
const identifier = "partner";
const keyPairs = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5")];
const federation = createFederation({
  kv: new MemoryKvStore(),
  queue: new ParallelMessageQueue(new InProcessMessageQueue(), 64),
  allowPrivateAddress: true,
});

federation
  .setActorDispatcher("/users/{identifier}", async (context, name) => {
    const keys = await context.getActorKeyPairs(name);
    return new Person({ id: context.getActorUri(name), preferredUsername: name, publicKey: keys[0].cryptographicKey });
  })
  .setKeyPairsDispatcher((_context, name) => (name === identifier ? keyPairs : []));
federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");

const context = federation.createContext(new URL(origin), undefined);
let number = 0;

function activity(size) {
  number += 1;
  const actor = context.getActorUri(identifier);
  const article = new Article({
    id: new URL(`${origin}/articles/${number}`),
    attribution: actor,
    to: PUBLIC_COLLECTION,
    name: "Wells",
    content: `<p>${"Forty villages agreed. ".repeat(Math.max(1, Math.round((size - 700) / 23)))}</p>`,
  });
  return new Create({ id: new URL(`${origin}/activities/${number}`), actor, to: PUBLIC_COLLECTION, object: article });
}

const orders = {
  async send({ origins, size }) {
    const recipients = origins.map((url) => ({
      id: new URL(`${url}/users/a`),
      inboxId: new URL(`${url}/users/a/inbox`),
      endpoints: { sharedInbox: new URL(`${url}/inbox`) },
    }));
    await context.sendActivity({ identifier }, recipients, activity(size), { preferSharedInbox: true, fanout: "skip" });
    return {};
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return { seconds: (user + system) / 1e6 };
  },
};

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  console.log(JSON.stringify(await orders[order.do](order)));
}
process.exit(0);
