import { createModel, field, migration } from "drf-auth";

export default migration({
  dependencies: [["auth", "0001_initial"]],
  operations: [
    createModel("thesaurus.antonym", {
      fields: {
        id: field.id(),
        word: field.text({ maxLength: 100, unique: true }),
        antonym: field.text({ maxLength: 100 }),
        owner: field.foreignKey("auth.user"),
        created_at: field.datetime({ auto: "created" }),
        updated_at: field.datetime({ auto: "updated" }),
      },
    }),
    createModel("thesaurus.synonym", {
      fields: {
        id: field.id(),
        word: field.text({ maxLength: 100, unique: true }),
        synonym: field.text({ maxLength: 100 }),
        owner: field.foreignKey("auth.user"),
        created_at: field.datetime({ auto: "created" }),
        updated_at: field.datetime({ auto: "updated" }),
      },
    }),
  ],
});
