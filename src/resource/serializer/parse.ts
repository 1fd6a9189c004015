/**
 * Reading values by field kind: the one table, and the parser of a field.
 *
 * Each maker in `parse/` converts a raw value of JSON or a form and then runs the checks of the kind and of the declaration.
 */
import { customOf, type Field, type FieldKind } from "../../model/index.ts";
import { binary } from "./parse/binary.ts";
import { choice } from "./parse/choice.ts";
import { custom } from "./parse/custom.ts";
import { duration } from "./parse/duration.ts";
import { file } from "./parse/file.ts";
import { json } from "./parse/json.ts";
import { boolean, decimal, float, integer } from "./parse/number.ts";
import { nested } from "./parse/object.ts";
import { foreignKey, manyToMany } from "./parse/relation.ts";
import { dict, list } from "./parse/structure.ts";
import { email, ip, slug, text, url, uuid } from "./parse/text.ts";
import { date, datetime, time } from "./parse/time.ts";
import type { MakeParser, Parse } from "./parser.ts";

type Parsers = { readonly [K in FieldKind]: MakeParser<K> };

const whole: Parsers = {
  boolean,
  text,
  email,
  url,
  slug,
  uuid,
  ip,
  integer,
  float,
  decimal,
  datetime,
  date,
  time,
  duration,
  choice,
  json,
  binary,
  list,
  dict,
  file,
  nested: nested(false),
  foreignKey,
  manyToMany,
  computed: () => () => {
    throw new TypeError("a computed field has no input");
  },
};

const partial: Parsers = { ...whole, nested: nested(true) };

/**
 * The parser of a field, for values that are there and not null.
 * @param isPartial  objects within the value may lack required fields (PATCH)
 */
export function parserOf<K extends FieldKind>(field: Field<K>, isPartial = false): Parse {
  const parsers: Parsers = isPartial ? partial : whole;
  // The rows that belong to a row are replaced as a set: each of them is new, so each must be whole.
  const isInnerPartial = isPartial && !("rows" in field.options && field.options.rows);
  const parse = parsers[field.kind](field, (inner) => parserOf(inner, isInnerPartial));
  const own = customOf(field);
  return own ? custom(own, parse) : parse;
}
