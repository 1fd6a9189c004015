/**
 * The seed of the properties: a fixed one, so that a run says the same as the one before; `PROPERTIES_SEED=random npm test`, or a
 * number, tries others. fast-check prints the seed and the smallest counterexample of what fails.
 */
import fc from "fast-check";

const { PROPERTIES_SEED: asked = "20240601" } = process.env;
if (asked !== "random") fc.configureGlobal({ seed: Number(asked) });
