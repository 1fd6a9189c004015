/**
 * Reading a choice: a number and its text are the same, and the declared value comes out.
 * Reference: rest_framework.fields.ChoiceField.
 */
import { quoted } from "../messages.ts";
import { invalid, type MakeParser } from "../parser.ts";
import { checked } from "./checked.ts";

export const choice: MakeParser<"choice"> = (field) => {
  const { choices, blank } = field.options;
  const values = new Map(
    choices.map((entry) => {
      const value = typeof entry === "object" ? entry[0] : entry;
      return [String(value), value];
    }),
  );
  return checked(field, (raw) => {
    if (raw === "" && blank) return "";
    const isScalar = typeof raw === "string" || typeof raw === "number" || typeof raw === "bigint";
    return (isScalar ? values.get(String(raw)) : undefined) ?? invalid("invalid_choice", { input: quoted(raw) });
  });
};
