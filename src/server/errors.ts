/** What can go wrong with processes, told to the person who starts them. */
import { DrfAuthError } from "../errors.ts";

/** No worker could start; the message is the worker's own reason. */
export class BootFailure extends DrfAuthError {
  readonly code = "boot_failure";
}
