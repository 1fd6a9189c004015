/**
 * What is measured: one row, one request. To measure something else, add an entry.
 *
 * Read by `run.ts` and `contest.ts`. A row is only fair if every server answers it with the same content; `compare.ts` refuses the others.
 */
export interface Row {
  /** Short name, for `--only` and for machines. */
  readonly id: string;
  /** What a person reads. */
  readonly title: string;
  readonly method: string;
  readonly path: string;
  /** `{token}` stands for an access token of an active user. */
  readonly headers: Readonly<Record<string, string>>;
  /** Status that every answer must have. */
  readonly status: number;
}

const asUser = { Accept: "application/json", Authorization: "Bearer {token}" };

export const rows: readonly Row[] = [
  {
    id: "detail",
    title: "detail, token checked",
    method: "GET",
    path: "/api/v1/books/4321/",
    headers: asUser,
    status: 200,
  },
  {
    id: "list",
    title: "list of 20: filter, order, count",
    method: "GET",
    path: "/api/v1/books/?genre=science&price__gte=5&ordering=-price&page_size=20&page=1",
    headers: asUser,
    status: 200,
  },
];
