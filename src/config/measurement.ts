/**
 * What a system says of itself in numbers, for `/metrics`.
 *
 * Only the contract stands here, where every folder can see it, as that of the logger; `server/instruments.ts` says what each
 * name means, and `server/exposition.ts` adds up those of several workers.
 */
export interface Measurement {
  /** One of the table in `server/instruments.ts`. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}
