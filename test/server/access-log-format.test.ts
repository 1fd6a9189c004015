import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import type { Line } from "../../src/server/access-log.ts";
import { combinedFormat, compileFormat } from "../../src/server/access-log-format.ts";

function lineOf(headers: Readonly<Record<string, string>> = {}, more: Partial<Line> = {}): Line {
  const socket = new Socket();
  const request = Object.assign(new IncomingMessage(socket), { httpVersion: "1.1" });
  Object.assign(request.headers, headers);
  return {
    ...{ startedAt: 0, method: "GET", path: "/api/v1/snacks/?page=2", address: "192.0.2.7", requestId: "r-1", request },
    ...{ socket, bytesBefore: 0, userId: 7, time: "2026-11-27T06:17:09.000Z", status: 200, milliseconds: "1234.5" },
    ...{ bytes: 512, isAborted: false, ...more },
  };
}

describe("the access log in forms that other tools read", () => {
  it("is combined as Apache and nginx write it", () => {
    const line = lineOf({ referer: "https://shop.example.com/page?token=secret", "user-agent": 'curl "8"' });
    assert.equal(
      compileFormat(combinedFormat)(line),
      '192.0.2.7 - 7 [27/Nov/2026:06:17:09 +0000] "GET /api/v1/snacks/?page=2 HTTP/1.1" 200 512 ' +
        '"https://shop.example.com/page" "curl \\"8\\""',
    );
    assert.match(compileFormat(combinedFormat)(lineOf({}, { userId: undefined })), /^192\.0\.2\.7 - - .* "-" "-"$/);
  });

  it("has every letter of Gunicorn", () => {
    const format =
      "%(h)s %(l)s %(u)s %(m)s %(U)s %(q)s %(H)s %(s)s %(B)s %(b)s %(T)s %(M)s %(D)s %(L)s %(p)s %({x-trace}i)s";
    assert.equal(
      compileFormat(format)(lineOf({ "x-trace": "abc" })),
      `192.0.2.7 - 7 GET /api/v1/snacks/ page=2 HTTP/1.1 200 512 512 1 1234 1234500 1.234500 <${process.pid}> abc`,
    );
  });

  it("lets nobody forge a line", () => {
    const line = compileFormat('"%(a)s" "%(r)s"')(lineOf({ "user-agent": 'x"\n1.2.3.4 - - forged' }, { path: '/"\r' }));
    assert.equal(line, '"x\\"\\u000a1.2.3.4 - - forged" "GET /\\"\\u000d HTTP/1.1"');
    // A backslash of the client's own must not make the quote after it the end of the field.
    assert.equal(compileFormat('"%(a)s"')(lineOf({ "user-agent": '\\" 200' })), '"\\\\\\" 200"');
  });

  it("is refused at the start with a letter that there is not, or a header that is a secret", () => {
    assert.throws(() => compileFormat("%(z)s"), {
      message: /^ACCESS_LOG_FORMAT, %\(z\)s: expected one of h, l, u, .* p, or \{header\}i$/,
    });
    for (const header of ["authorization", "Cookie"])
      assert.throws(() => compileFormat(`%({${header}}i)s`), /this header is a secret/);
  });
});
