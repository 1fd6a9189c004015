/**
 * Process 1 of a container: a shell that starts the server, passes its signals on, and takes leave of every process that ends.
 *
 * A process whose parent has ended becomes a child of process 1, and stays in the system's table until that waits for it. Node waits
 * for its own children alone, a shell for all. So the server that finds itself to be process 1 becomes a shell, which starts it again;
 * the shell ends with its exit status, and by the system's rule everything else in the container ends with the shell.
 * Reference: POSIX.1-2024, XCU 2.12 (asynchronous lists) and `wait`; github.com/krallin/tini, which `docker run --init` puts there.
 */
import { accessSync, constants } from "node:fs";

const shell = "/bin/sh";

/**
 * A terminal sends its signals to the server, too, which would have them twice.
 * `wait` returns with each signal, so it is asked until the server is gone, and once more for a status that a signal hid.
 */
const script = `
child= early=
pass() { if [ "$child" ]; then kill -s "$1" "$child" 2>/dev/null; else early=$1; fi; }
for signal in TERM INT QUIT HUP TTIN TTOU USR1 USR2 WINCH; do trap "pass $signal" "$signal"; done
[ -t 0 ] && trap : INT QUIT
"$@" <&0 &
child=$!
[ "$early" ] && pass "$early"
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
wait "$child" 2>/dev/null; last=$?
[ "$last" = 127 ] || code=$last
exit "$code"
`;

/** Becomes that shell; returns where there is none, or where a service manager has handed sockets to this very process. */
export function becomeInit(): void {
  if (process.execve === undefined || process.env.LISTEN_FDS !== undefined) return;
  try {
    accessSync(shell, constants.X_OK);
  } catch {
    return;
  }
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // The variable tells the server that its successor would end with it (`server/upgrade.ts`).
  process.execve(shell, ["sh", "-c", script, "drf-auth", ...command], { ...process.env, UNDER_INIT: "1" });
}
