/** What an app may name of the checks of new passwords: `passwordValidator.minLength(12)`. */
export { minLength, notCommon, notNumeric, notSimilar } from "./validators.ts";
