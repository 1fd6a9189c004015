/** What can go wrong with processes, told to the person who starts them. */
import { DrfAuthError } from "../errors.ts";

/** No worker could start; the message is the worker's own reason. */
export class BootFailure extends DrfAuthError {
  readonly code = "boot_failure";
}

/** What is expected where a file could not be written, by what the system said. */
export function whyNotWritten(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT"
    ? "the disk is full; expected room for this file"
    : "expected a file that this user may write";
}
