/** Which encodings a client takes, and how much it likes each. Reference: RFC 9110 section 12.5.3. */

/** Quality by encoding; what a client does not name is not in it. */
export type Qualities = ReadonlyMap<string, number>;

const parsed = new Map<string, Qualities>();
const maxParsed = 200;

/** Clients send few different values, so each is parsed once; a client that varies it at will only empties the memory. */
export function qualitiesOf(acceptEncoding: string): Qualities {
  const known = parsed.get(acceptEncoding);
  if (known) return known;
  const qualities = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(",")) {
    const [token = "", ...parameters] = part.split(";").map((text) => text.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    qualities.set(
      token === "x-gzip" ? "gzip" : token,
      /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality) ? Number(quality) : 0,
    );
  }
  if (parsed.size >= maxParsed) parsed.clear();
  parsed.set(acceptEncoding, qualities);
  return qualities;
}

/** Less than any step between two qualities, which have three digits. */
const trifle = 0.0001;

/**
 * How much a client likes an encoding: 0 or less is not at all. `*` stands for all that it does not name; but who names none may
 * read none, so that what is not encoded comes before what only `*` allows. That itself is refused by name or by `*;q=0` alone.
 */
export function qualityOf(qualities: Qualities, encoding: string): number {
  const others = qualities.get("*");
  const unnamed = encoding === "identity" ? (others ?? trifle) : (others ?? 0) - trifle;
  return qualities.get(encoding) ?? unnamed;
}
