/**
 * What ends workers that outlive their primary: a shell that waits for the end of a pipe, which comes when the primary is gone.
 *
 * A worker sees that itself and drains, unless its event loop is blocked or it was stopped; then it would keep the port for ever, and
 * no other server could start. A thread of each worker that looks would cost 17 MB; the shell costs one, for all of them.
 * It is told who they are with every change, and kills only who was there the whole time, so never a later process of that number.
 */
import { spawn } from "node:child_process";
import { beatInterval } from "./heartbeat.ts";
import { closeSeconds, type Member } from "./member.ts";

/** Each line: seconds that they have, then process ids. Signals of a terminal or of a whole group are not for it. */
const script = `
trap '' INT TERM HUP QUIT USR1 USR2 TTIN TTOU WINCH
while read -r seconds pids; do left=$seconds workers=$pids; done
while :; do
  alive=
  for pid in $workers; do kill -0 "$pid" 2>/dev/null && alive="$alive $pid"; done
  workers=$alive
  [ "$workers" ] || exit 0
  [ "$left" -gt 0 ] || break
  sleep 1 || exit 0
  left=$((left - 1))
done
kill -INT $workers
sleep ${beatInterval / 1000}
kill -KILL $workers 2>/dev/null
`;

export interface Warden {
  /** Tells it who is there, where that has changed. @param gracefulTimeoutSeconds  what they have to drain */
  tell(members: ReadonlySet<Member>, gracefulTimeoutSeconds: number): void;
  /** The server ends as it should. */
  end(): void;
}

/** Starts it; where there is no shell there is none, and nobody else minds. */
export function startWarden(): Warden {
  const child = spawn("/bin/sh", ["-c", script, "drf-auth warden"], { stdio: ["pipe", "ignore", "ignore"] });
  const { stdin } = child;
  child.on("error", () => {});
  stdin.on("error", () => {});
  child.unref();
  let told = "";
  return {
    tell(members, gracefulTimeoutSeconds) {
      const pids = Array.from(members, ({ process: { pid } }) => pid ?? "").join(" ");
      const line = `${Math.ceil(gracefulTimeoutSeconds) + closeSeconds} ${pids}\n`;
      if (line !== told) stdin.write(line);
      told = line;
    },
    end: () => void stdin.end("0\n"),
  };
}
