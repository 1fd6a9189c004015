/**
 * A file as the answer of an action or endpoint of one's own: sent after its permissions were asked.
 *
 * The listener sends it as the files under MEDIA_URL are sent, ranges and all, but for caches that others share.
 */
/** What `run` returns for a file to be sent. */
export class Download {
  /** Path within MEDIA_ROOT. */
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/**
 * Answers with a file of a file field, by the path in its column; 404 where there is none. Folders whose name begins with a dot are
 * not served otherwise, so this is how a private file is sent. `output: field.file()` tells documents so.
 *
 * @example
 * const Contract = model("contract", {
 *   fields: {
 *     title: field.text({ maxLength: 80 }),
 *     paper: field.file({ uploadTo: ".contracts", writeOnly: true }),
 *     owner: field.owner(),
 *   },
 * });
 * const contracts = resource(Contract, {
 *   scope: scope.owner("owner"),
 *   actions: {
 *     paper: { method: "GET", on: "detail", output: field.file(), run: ({ object }) => download(object.paper) },
 *   },
 * });
 */
export const download = (path: string): Download => new Download(path);
