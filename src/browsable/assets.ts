/** Where the pages' style lies, in the sources as in the package; `static` serves it. */
import { join } from "node:path";

/** Folder of the assets. */
export const assetsDirectory = join(import.meta.dirname, "assets");
