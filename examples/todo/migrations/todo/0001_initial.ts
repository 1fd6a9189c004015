import { createModel, field, migration } from "drf-auth";

export default migration({
  dependencies: [["auth", "0001_initial"]],
  operations: [
    createModel("todo.list", {
      fields: {
        id: field.id(),
        name: field.text({ maxLength: 100 }),
        owner: field.foreignKey("auth.user"),
        created_at: field.datetime({ auto: "created" }),
      },
    }),
    createModel("todo.task", {
      fields: {
        id: field.id(),
        list: field.foreignKey("todo.list"),
        title: field.text({ maxLength: 200 }),
        notes: field.text({ blank: true }),
        due: field.date({ null: true }),
        priority: field.text({ maxLength: 10, default: "normal" }),
        done: field.boolean({ default: false }),
        created_at: field.datetime({ auto: "created" }),
      },
    }),
  ],
});
