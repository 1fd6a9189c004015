/**
 * What people are told about a value, by machine code.
 *
 * The codes are those of rest_framework.fields and .relations; the sentences are ours and say what was expected. Where one code of
 * the reference has two sentences (`max_length` of a text and of a list), the second has a name of its own here (`max_items`).
 */
const messages = {
  required: "This field is required.",
  null: "This may not be null.",
  blank: "This may not be empty.",
  invalid: "Expected {expected}.",
  invalid_choice: '"{input}" is not one of the choices.',
  max_length: "At most {limit:character is|characters are} allowed.",
  min_length: "At least {limit:character is|characters are} needed.",
  max_value: "Must be {limit} or less.",
  min_value: "Must be {limit} or more.",
  max_string_length: "This text is too long for a number.",
  max_digits: "At most {limit:digit is|digits are} allowed in all.",
  max_decimal_places: "At most {limit:digit is|digits are} allowed after the point.",
  max_whole_digits: "At most {limit:digit is|digits are} allowed before the point.",
  overflow: "This is out of range; expected {expected}.",
  not_a_list: "Expected a list, got {type}.",
  not_a_dict: "Expected an object, got {type}.",
  empty: "This list may not be empty.",
  max_items: "At most {limit:item is|items are} allowed.",
  min_items: "At least {limit:item is|items are} needed.",
  empty_file: "This file is empty.",
  no_name: "This file has no name that it could be kept under.",
  max_bytes: "At most {limit} bytes are allowed.",
  invalid_extension: "A file of this kind is not taken; expected a name that ends in {expected}.",
  invalid_image: "This is no image; expected PNG, JPEG, GIF, WebP or AVIF.",
  does_not_exist: 'There is no object with key "{input}" here.',
  repeated: "This key is in the list more than once.",
  incorrect_type: "Expected the key of an object, got {type}.",
  unique: "This value is taken already.",
  unique_together: "The fields {fields} must be unique together.",
  constraint: 'These values break the rule "{name}".',
  null_characters_not_allowed: "Null characters are not allowed.",
  surrogate_characters_not_allowed: "Half of a surrogate pair is not a character.",
} as const;

export type Code = keyof typeof messages;
export type MessageValues = Readonly<Record<string, string | number>>;

/** The sentence of a code, with its values filled in: `{limit:item is|items are}` is `1 item is` or `3 items are`. */
export const messageOf = (code: Code, values: MessageValues): string =>
  messages[code].replace(/\{(\w+)(?::([^|]*)\|([^}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = String(values[name] ?? "");
    return one === undefined ? value : `${value} ${value === "1" ? one : many}`;
  });

/** How messages call the type of a value that JSON or a form carried. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "number":
    case "bigint":
      return "a number";
    default:
      return "an object";
  }
}

const SHOWN_CHARACTERS = 60;

/** A value as messages quote it: short, and never a whole structure. */
export function quoted(value: unknown): string {
  if (typeof value === "object") return typeName(value);
  const text = String(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
