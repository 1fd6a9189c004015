/** What goes wrong with static files: in collecting them, or in linking to one. */
import { DrfAuthError } from "../errors.ts";

export abstract class StaticError extends DrfAuthError {}

/** A stylesheet refers to a file that none of the sources has. */
export class MissingReference extends StaticError {
  readonly code = "static_missing_reference";
  readonly file: string;
  /** First line is 1. */
  readonly line: number;
  constructor(file: string, line: number, reference: string) {
    super(`${file}, line ${line}: "${reference}" is not among the static files`);
    this.file = file;
    this.line = line;
  }
}

/** Stylesheets refer to each other in a circle, so none of them has a hash that could be written into the next. */
export class CircularReference extends StaticError {
  readonly code = "static_circular_reference";
  constructor(files: readonly string[]) {
    super(`${files.join(" -> ")}: stylesheets cannot refer to each other in a circle`);
  }
}

/** A file that had to be read as text is not UTF-8. */
export class NotText extends StaticError {
  readonly code = "static_not_text";
  constructor(file: string, options?: ErrorOptions) {
    super(`${file}: expected UTF-8 text`, options);
  }
}

/** A file is not what it was when its hashed name was made: copied under that name it would be held for something else, for years. */
export class ChangedMeanwhile extends StaticError {
  readonly code = "static_changed_meanwhile";
  constructor(path: string) {
    super(`${path}: changed while it was collected; run collectstatic again when nothing writes into its folder`);
  }
}

/** A page links to a static file that is not there. Reference: the strict mode of ManifestFilesMixin. */
export class UnknownStaticFile extends StaticError {
  readonly code = "static_unknown_file";
  constructor(name: string) {
    super(`"${name}" is not among the static files; run collectstatic, or correct the name`);
  }
}
