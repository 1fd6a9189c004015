/** A value of a fixture that its column cannot take, or not as it was; the message says what was expected. */
export class Unfit extends Error {}
