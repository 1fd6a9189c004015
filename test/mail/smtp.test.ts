/** Mail by SMTP, against a real server. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { ConfigurationError } from "../../src/errors.ts";
import { createFiles, createSmtp, createTransport, type MailSettings } from "../../src/mail/index.ts";

const settings: MailSettings = {
  ...{ emailBackend: "smtp", emailHost: "127.0.0.1", emailPort: 25, emailHostUser: "", emailHostPassword: "" },
  ...{ emailUseTls: false, emailUseSsl: false, emailTimeoutSeconds: 5, emailFilePath: "", emailQueueSize: 10 },
  defaultFromEmail: "Shop <shop@example.com>",
};
const mail = {
  to: "alice@example.com",
  subject: "Grüße",
  text: "Hello Alice,\n\nhere: https://shop.example.com/#/a/b",
};

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly message: string;
}

/** Starts a server that keeps what it is sent. */
async function serve(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: options.key === undefined ? ["STARTTLS"] : [], logger: false },
    onAuth: ({ username, password }, _session, done) =>
      password === "right" ? done(null, { user: username }) : done(new Error("wrong password")),
    onData(stream, { envelope, secure, user }, done) {
      void text(stream).then((message) => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        received.push({
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          secure,
          user: user && String(user),
          message,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  const emailPort = typeof address === "object" && address !== null ? address.port : 0;
  return { received, emailPort, stop: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** A certificate for 127.0.0.1. */
async function certificate() {
  const folder = await mkdtemp(join(tmpdir(), "drf-auth-smtp-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", [...words, ...name, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const made = { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  await rm(folder, { recursive: true });
  return made;
}

describe("mail by SMTP", () => {
  it("arrives as it was written", async () => {
    const { received, emailPort, stop } = await serve();
    await createSmtp({ ...settings, emailPort }).send(mail);
    const [{ from, to, message } = { message: "" }] = received;
    assert.deepEqual([from, to], ["shop@example.com", ["alice@example.com"]]);
    assert.match(message, /^From: Shop <shop@example.com>\r$/m);
    assert.match(message, /^Subject: =\?UTF-8\?/m);
    assert.match(message, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(message, /\r\n\r\nHello Alice,/);
    await stop();
  });

  it("is signed in and encrypted, from the first byte or by STARTTLS", async () => {
    const { key, cert } = await certificate();
    for (const [how, secure] of [
      [{ emailUseSsl: true }, true],
      [{ emailUseTls: true }, false],
    ] as const) {
      const { received, emailPort, stop } = await serve({ key, cert, secure, authOptional: false });
      const smtp = createSmtp({
        ...{ ...settings, ...how, emailPort, ca: cert },
        ...{ emailHostUser: "shop", emailHostPassword: "right" },
      });
      await smtp.send(mail);
      assert.deepEqual([received[0]?.secure, received[0]?.user], [true, "shop"]);
      await stop();
    }
  });

  it("is not sent to a server whose certificate nobody vouches for, nor in clear where TLS is asked for", async () => {
    const { key, cert } = await certificate();
    const unknown = await serve({ key, cert, secure: true });
    await assert.rejects(
      createSmtp({ ...settings, emailUseSsl: true, emailPort: unknown.emailPort }).send(mail),
      /certificate/i,
    );
    const clear = await serve();
    await assert.rejects(createSmtp({ ...settings, emailUseTls: true, emailPort: clear.emailPort }).send(mail));
    assert.deepEqual([...unknown.received, ...clear.received], []);
    await Promise.all([unknown.stop(), clear.stop()]);
  });

  it("fails with a wrong password, which the error does not repeat", async () => {
    const { emailPort, stop } = await serve({ authOptional: false, allowInsecureAuth: true });
    const smtp = createSmtp({ ...settings, emailPort, emailHostUser: "shop", emailHostPassword: "canary-4711" });
    await assert.rejects(smtp.send(mail), (error) => {
      assert.ok(error instanceof Error);
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /canary-4711/);
      return true;
    });
    await stop();
  });

  it("fails where no server is, or one that is silent", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const emailPort = typeof address === "object" && address !== null ? address.port : 0;
    await assert.rejects(
      createSmtp({ ...settings, emailPort, emailTimeoutSeconds: 0.1 }).send(mail),
      /greeting|timeout/i,
    );
    await new Promise((resolve) => silent.close(resolve));
    await assert.rejects(createSmtp({ ...settings, emailPort }).send(mail), /ECONNREFUSED/);
  });

  for (const [what, wrong] of [
    ["two ways of encryption", { emailUseTls: true, emailUseSsl: true }],
    ["a password in clear over a network", { emailHost: "mail.example.com", emailHostUser: "shop" }],
    ["files without a folder", { emailBackend: "file" }],
  ] as const) {
    it(`refuses ${what} at the start`, () => {
      assert.throws(() => createTransport({ ...settings, ...wrong }), ConfigurationError);
    });
  }
});

it("mail to files is one file each, which only its owner may read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "drf-auth-mails-"));
  await createFiles(join(folder, "mails"), "shop@example.com").send(mail);
  const [file = "", ...others] = await readdir(join(folder, "mails"));
  const path = join(folder, "mails", file);
  assert.deepEqual(others, []);
  assert.match(await readFile(path, "utf8"), /^From: shop@example.com\nTo: alice@example.com\nSubject: Grüße\n\nHello/);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await rm(folder, { recursive: true });
});
