/** What wrk says is read, and refused where an answer was not as expected. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readWrk } from "../../bench/wrk.ts";

const report = (end: string) => `Running 2s test @ http://127.0.0.1:9400/static/css/site.css
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms  210.00us   9.11ms   91.20%
    Req/Sec    31.00k     1.20k   33.00k    70.00%
${end}
Requests/sec:  10000.00
Transfer/sec:     44.00MB
`;

describe("what wrk says", () => {
  it("is the number of answers and the time that they took", () => {
    const text = report("  20000 requests in 2.01s, 84.05MB read");
    assert.deepEqual(readWrk(text, { bodyBytes: 4096 }), { answered: 20_000, seconds: 2.01 });
  });

  it("counts bytes in every unit that it uses", () => {
    for (const [requests, read, bodyBytes] of [
      [2, "900.00B", 200],
      [100, "30.00KB", 200],
      [1000, "1.10MB", 1000],
      [1000, "19.60GB", 20 * 1024 * 1024],
      [100_000, "1.91TB", 20 * 1024 * 1024],
    ] as const)
      assert.equal(readWrk(report(`  ${requests} requests in 1.00s, ${read} read`), { bodyBytes }).answered, requests);
  });

  it("is refused with fewer or more bytes than the answers must have", () => {
    for (const read of ["40.00MB", "400.00MB", "84.05KB"])
      assert.throws(
        () => readWrk(report(`  20000 requests in 2.01s, ${read} read`), { bodyBytes: 4096 }),
        /expected 20000 answers of 4096 bytes/,
      );
  });

  it("is refused with its own words where a socket failed, or a status is none of 2xx and 3xx", () => {
    const end = "  20000 requests in 2.01s, 84.05MB read";
    for (const fault of ["Non-2xx or 3xx responses: 12", "Socket errors: connect 0, read 3, write 0, timeout 0"])
      assert.throws(() => readWrk(report(`${end}\n  ${fault}`), { bodyBytes: 4096 }), { message: `wrk: ${fault}` });
  });

  it("is refused where it is no report", () => {
    assert.throws(() => readWrk("unable to connect\n", { bodyBytes: 1 }), { message: "wrk: unable to connect" });
  });
});
