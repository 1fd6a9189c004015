/** What the file fields of an input take, for whoever reads its body. */
import { ConfigurationError } from "../../errors.ts";
import { type Target, temporaryFolder } from "../../media/index.ts";
import type { Field, FieldMap, OptionsOf } from "../../model/index.ts";

/**
 * The file fields by name; undefined where there are none.
 * @throws ConfigurationError  one within an object or a list, which a form has no name for; or no room for a name
 */
export function filesOf(fields: FieldMap): ReadonlyMap<string, Target> | undefined {
  const files = new Map<string, Target>();
  for (const [name, field] of Object.entries(fields)) {
    if (field.readOnly) continue;
    if (field.kind === "file") files.set(name, targetOf(`field "${name}"`, field.options));
    else if (insideOf(field).some(hasFile))
      throw new ConfigurationError(
        `field "${name}"`,
        "holds a file within an object or a list; expected file fields beside the others, or read-only ones",
      );
  }
  return files.size > 0 ? files : undefined;
}

/** Characters that a name needs at least, beside those of its folder: some of its own, its end, and what makes it another one. */
const NAME_CHARACTERS = 30;

function targetOf(place: string, { uploadTo = "", maxBytes, maxLength = 100 }: OptionsOf["file"]): Target {
  const isFolder = uploadTo === "" || uploadTo.split("/").every((step) => !["", ".", ".."].includes(step));
  if (!isFolder || uploadTo.includes("\\"))
    throw new ConfigurationError(`${place}, uploadTo`, `expected a folder such as covers/%Y, got "${uploadTo}"`);
  if (uploadTo.split("/", 1)[0] === temporaryFolder)
    throw new ConfigurationError(
      `${place}, uploadTo`,
      `expected another folder than ${temporaryFolder}, which is emptied of what uploads left behind`,
    );
  if (uploadTo.length + NAME_CHARACTERS > maxLength)
    throw new ConfigurationError(
      `${place}, maxLength`,
      `expected at least ${uploadTo.length + NAME_CHARACTERS}, for a name within "${uploadTo}"`,
    );
  return { uploadTo, maxBytes, maxLength };
}

/** The fields that a field is made of. */
function insideOf({ options }: Field): readonly Field[] {
  if ("fields" in options) return Object.values(options.fields as FieldMap);
  return "of" in options && options.of ? [options.of as Field] : [];
}

const hasFile = (field: Field): boolean => !field.readOnly && (field.kind === "file" || insideOf(field).some(hasFile));
