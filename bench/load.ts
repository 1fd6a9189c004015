/**
 * The load: a few connections that ask the same thing again and again, each when it has its answer.
 *
 * Run by `measure.ts` as a process of its own, `node bench/load.ts ORDER`, where ORDER is a `LoadOrder` in JSON; it writes a
 * `LoadResult`. Plain sockets, so that it takes little of the cores it shares with the server. No pipelining. A server that
 * closes after its answer (Gunicorn's default workers do) gets a new connection. Each connection knows the ETag of its last
 * answer, as a client does. Every answer is checked; the first one that is not as expected ends the run.
 */
import { connect, type Socket } from "node:net";
import { prepare, type Template } from "./wire.ts";

export interface LoadOrder {
  readonly port: number;
  /** The whole request, as it is sent, but for the marks that `wire.ts` fills in. */
  readonly request: string;
  /** A request that each connection sends before, for the ETag of its answer. It is not counted. */
  readonly first?: string;
  /** The number that the first `{n}` stands for. */
  readonly from?: number;
  readonly connections: number;
  readonly seconds: number;
  /** Requests after which it ends, if that is before the time is up. */
  readonly requests?: number;
  /** Status that each answer must have. */
  readonly status: number;
  /** Length that each body must have; without it, the one that its own head tells. */
  readonly bodyBytes?: number;
}

export interface LoadResult {
  readonly answered: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
}

/** Seconds that the last answers may take when time is up. */
const graceSeconds = 10;

/**
 * Asks until the time is up, then waits for what is under way.
 *
 * @throws Error  an answer is not as expected, or the server is away
 */
export function runLoad(order: LoadOrder): Promise<LoadResult> {
  const { port, request, first, from = 0, connections, seconds, status, bodyBytes } = order;
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const started = performance.now();
  const deadline = started + seconds * 1000;
  const numbers = { next: from };
  let answered = 0;
  /** Requests that may still be sent. */
  let left = order.requests ?? Number.POSITIVE_INFINITY;
  let open = connections;
  let failed = false;
  const sockets = new Set<Socket>();
  const guard = setTimeout(() => fail("expected every answer to have come by now"), (seconds + graceSeconds) * 1000);

  function fail(message: string): void {
    failed = true;
    clearTimeout(guard);
    for (const socket of sockets) socket.destroy();
    reject(new Error(message));
  }

  function finish(): void {
    open--;
    if (open > 0 || failed) return;
    clearTimeout(guard);
    resolve({ answered, seconds: (performance.now() - started) / 1000 });
  }

  /** @param opening  what is sent before, and not counted */
  function openConnection(template: Template, opening: Template | undefined): void {
    let isOpening = opening !== undefined;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () =>
      socket.write((opening ?? template).fill(numbers)),
    );
    sockets.add(socket);
    let received: Buffer = Buffer.alloc(0);
    /** Bytes of the answer so far, and what its head says; a large body is counted and not kept. */
    let bytes = 0;
    let answer: ParsedAnswer | undefined;
    let isDone = false;

    socket.on("data", (chunk) => {
      bytes += chunk.length;
      if (answer === undefined) {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        answer = parseAnswer(received);
      }
      if (answer === undefined || bytes < answer.bytes || failed) return;
      const { status: got, bodyBytes: length, closes, etag } = answer;
      const [wanted, wantedBytes] = isOpening ? [200, length] : [status, bodyBytes ?? length];
      if (got !== wanted || length === undefined || length !== wantedBytes || bytes !== answer.bytes) {
        return fail(
          `expected status ${wanted} and ${wantedBytes ?? "a count of"} bytes, got status ${got} and ${length ?? "no count of"} bytes`,
        );
      }
      received = Buffer.alloc(0);
      bytes = 0;
      answer = undefined;
      if (!isOpening) answered++;
      const isOver = !isOpening && (left === 0 || performance.now() >= deadline);
      isOpening = false;
      if (!isOver) left--;
      if (!isOver && !closes) return void socket.write(template.fill(numbers, etag));
      isDone = true;
      sockets.delete(socket.destroy());
      if (isOver) finish();
      else openConnection(template, undefined);
    });
    socket.on("error", (error) => isDone || failed || fail(error.message));
    socket.on("close", () => isDone || failed || fail("expected an answer, but the server closed the connection"));
  }

  left -= connections;
  for (let i = 0; i < connections; i++)
    openConnection(prepare(request, i), first === undefined ? undefined : prepare(first, i));
  return promise;
}

interface ParsedAnswer {
  readonly status: number;
  /** As the head says; undefined where it does not. */
  readonly bodyBytes: number | undefined;
  /** Head and body. */
  readonly bytes: number;
  /** The server will close the connection. */
  readonly closes: boolean;
  readonly etag: string | undefined;
}

/** The answer at the beginning of `received`; undefined until all of its head is there. */
function parseAnswer(received: Buffer): ParsedAnswer | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = received.toString("latin1", 0, end);
  const status = Number(head.slice(9, 12));
  const hasNoBody = status === 204 || status === 304; // RFC 9112 6.3
  const length = hasNoBody ? "0" : /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const bodyBytes = length === undefined ? undefined : Number(length);
  const bytes = end + 4 + (bodyBytes ?? 0);
  const etag = /\r\netag: *([^\r]+)/i.exec(head)?.[1];
  return { status, bodyBytes, bytes, closes: /\r\nconnection: *close/i.test(head), etag };
}

if (import.meta.main) {
  const order: LoadOrder = JSON.parse(process.argv[2] ?? "");
  try {
    process.stdout.write(JSON.stringify(await runLoad(order)));
  } catch (error) {
    process.stderr.write(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
