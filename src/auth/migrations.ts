/**
 * The migrations of Django's own tables, built in: they come before those of a project.
 *
 * Each stands for the whole history that Django has of its tables, and is recorded under those names (`replaces`): a database
 * that Django made has nothing to be done, and Django finds nothing to do in one that was made here. They are written out,
 * not read off `models.ts`, since history does not change when a model does.
 * Reference: the migrations of django.contrib.contenttypes, .auth and .sessions of Django 3.2, and of
 * rest_framework_simplejwt.token_blacklist 5.2.
 */
import { createModel, type Migration, migration, namedMigration } from "../db/index.ts";
import { field } from "../model/index.ts";

const id = () => field.integer({ primaryKey: true });

/** In the order of what they depend on. */
export const authMigrations: readonly Migration[] = [
  namedMigration(
    "contenttypes",
    "0001_initial",
    migration({
      replaces: ["0001_initial", "0002_remove_content_type_name"],
      operations: [
        createModel("contenttypes.contenttype", {
          table: "django_content_type",
          fields: { id: id(), app_label: field.text({ maxLength: 100 }), model: field.text({ maxLength: 100 }) },
          unique: [["app_label", "model"]],
        }),
      ],
    }),
  ),
  namedMigration(
    "auth",
    "0001_initial",
    migration({
      dependencies: [["contenttypes", "0001_initial"]],
      replaces: [
        "0001_initial",
        "0002_alter_permission_name_max_length",
        "0003_alter_user_email_max_length",
        "0004_alter_user_username_opts",
        "0005_alter_user_last_login_null",
        "0006_require_contenttypes_0002",
        "0007_alter_validators_add_error_messages",
        "0008_alter_user_username_max_length",
        "0009_alter_user_last_name_max_length",
        "0010_alter_group_name_max_length",
        "0011_update_proxy_permissions",
        "0012_alter_user_first_name_max_length",
      ],
      operations: [
        createModel("auth.permission", {
          fields: {
            id: id(),
            content_type: field.foreignKey("contenttypes.contenttype"),
            codename: field.text({ maxLength: 100 }),
            name: field.text({ maxLength: 255 }),
          },
          unique: [["content_type", "codename"]],
        }),
        createModel("auth.group", {
          fields: {
            id: id(),
            name: field.text({ maxLength: 150, unique: true }),
            permissions: field.manyToMany("auth.permission"),
          },
        }),
        createModel("auth.user", {
          fields: {
            id: id(),
            password: field.text({ maxLength: 128 }),
            last_login: field.datetime({ null: true }),
            is_superuser: field.boolean(),
            username: field.text({ maxLength: 150, unique: true }),
            last_name: field.text({ maxLength: 150 }),
            email: field.email(),
            is_staff: field.boolean(),
            is_active: field.boolean(),
            date_joined: field.datetime(),
            first_name: field.text({ maxLength: 150 }),
            groups: field.manyToMany("auth.group"),
            user_permissions: field.manyToMany("auth.permission"),
          },
        }),
      ],
    }),
  ),
  namedMigration(
    "sessions",
    "0001_initial",
    migration({
      operations: [
        createModel("sessions.session", {
          table: "django_session",
          fields: {
            session_key: field.text({ maxLength: 40, primaryKey: true }),
            session_data: field.text(),
            expire_date: field.datetime({ index: true }),
          },
        }),
      ],
    }),
  ),
  namedMigration(
    "token_blacklist",
    "0001_initial",
    migration({
      dependencies: [["auth", "0001_initial"]],
      replaces: [
        "0001_initial",
        "0002_outstandingtoken_jti_hex",
        "0003_auto_20171017_2007",
        "0004_auto_20171017_2013",
        "0005_remove_outstandingtoken_jti",
        "0006_auto_20171017_2113",
        "0007_auto_20171017_2214",
        "0008_migrate_to_bigautofield",
        "0010_fix_migrate_to_bigautofield",
        "0011_linearizes_history",
        "0012_alter_outstandingtoken_user",
      ],
      operations: [
        createModel("token_blacklist.outstandingtoken", {
          fields: {
            token: field.text(),
            created_at: field.datetime({ null: true }),
            expires_at: field.datetime(),
            user: field.foreignKey("auth.user", { null: true }),
            jti: field.text({ maxLength: 255, unique: true }),
            id: field.id(),
          },
        }),
        createModel("token_blacklist.blacklistedtoken", {
          fields: {
            blacklisted_at: field.datetime(),
            token: field.foreignKey("token_blacklist.outstandingtoken", { unique: true }),
            id: field.id(),
          },
        }),
      ],
    }),
  ),
];
