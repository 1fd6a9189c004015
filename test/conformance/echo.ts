/** An endpoint with one optional field of every kind: what validates is sent back. */
import { endpoint, field, permission } from "drf-auth";

const point = { x: field.integer(), y: field.integer({ default: 0 }) };

const fields = {
  boolean: field.boolean({ required: false }),
  nullable_boolean: field.boolean({ required: false, null: true }),
  char: field.text({ required: false, minLength: 2, maxLength: 10 }),
  blank_char: field.text({ required: false, blank: true, null: true, trim: false }),
  email: field.email({ required: false, maxLength: undefined }),
  regex: field.text({
    required: false,
    pattern: /^[a-z]{3}-\d+$/,
    validators: [{ code: "bad", message: "Expected another one.", isValid: (value: string) => value !== "bad-0" }],
  }),
  slug: field.slug({ required: false, maxLength: undefined }),
  url: field.url({ required: false, maxLength: undefined }),
  uuid: field.uuid({ required: false }),
  ip: field.ip({ required: false }),
  integer: field.integer({ required: false, min: -5, max: 100 }),
  any_integer: field.integer({ required: false }),
  float: field.float({ required: false, min: -1.5, max: 99.5 }),
  decimal: field.decimal({ required: false, maxDigits: 6, decimalPlaces: 3 }),
  decimal_number: field.decimal({ required: false, maxDigits: 6, decimalPlaces: 2, min: 0, max: 1000, asNumber: true }),
  datetime: field.datetime({ required: false }),
  date: field.date({ required: false }),
  time: field.time({ required: false }),
  duration: field.duration({ required: false }),
  choice: field.choice({
    required: false,
    choices: [
      ["a", "First"],
      ["b", "Second"],
      [3, "Third"],
    ],
  }),
  blank_choice: field.choice({ required: false, blank: true, choices: ["x", "y"] }),
  integers: field.list({ required: false, of: field.integer({ min: 0 }), maxItems: 4 }),
  nonempty: field.list({ required: false, allowEmpty: false }),
  dict: field.dict({ required: false, of: field.integer() }),
  json: field.json({ required: false }),
  point: field.nested({ required: false, null: true, fields: point }),
  points: field.list({ required: false, of: field.nested({ fields: point }) }),
  secret: field.text({ required: false, writeOnly: true }),
  computed: field.computed((input: object) => Object.keys(input).length),
  defaulted: field.text({ default: "fallback" }),
};

export const echo = endpoint({
  description: "Validates the input and sends it back.",
  permissions: [permission.allowAny()],
  methods: {
    POST: {
      input: fields,
      output: fields,
      validate: ({ char }) => {
        if (char === "conflict") {
          const finding = (message: string) => ({ code: "conflict", message });
          return { char: [finding("One."), finding("Two.")], other: [finding("Three.")] };
        }
        return char === "refused" ? [{ code: "refused", message: "Refused." }] : undefined;
      },
      run: ({ input }) => input,
    },
  },
});
