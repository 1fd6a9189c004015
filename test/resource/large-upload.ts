/**
 * A server in a process of its own, for the test that a large file does not grow its memory: tells its URL, a token, and, each time a
 * line comes in, the largest memory that it had so far.
 */
import { setInterval } from "node:timers";
import { createDatabase } from "../../src/testing/database.ts";
import { startDocuments } from "./documents.ts";

const started = await startDocuments(await createDatabase(), { settings: { maxUploadBytes: 2 ** 31 } });
const { bearer } = await started.user("alice");
let peak = 0;
const sample = () => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
setInterval(sample, 20).unref();
sample();
console.log(JSON.stringify({ base: started.client.base, bearer, rss: peak, mediaRoot: started.mediaRoot }));
for await (const line of process.stdin) {
  sample();
  if (String(line).startsWith("stop")) break;
  console.log(JSON.stringify({ peak }));
}
await started.stop();
process.exit();
