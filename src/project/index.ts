/** A project on disk: an app file with its migrations and settings, and what commands do with it. */
export { appFileIn, findAppFile, loadApp } from "./app-file.ts";
export { type Deployment, deployChecks, type Finding, findDeployIssues } from "./deploy/index.ts";
export { createLogs, type Logs } from "./logs.ts";
export { openProject, type Project, type ProjectOptions } from "./project.ts";
export { insertRows } from "./rows.ts";
export { controlOf, type ServeOptions } from "./serve.ts";
export { type ProjectSettings, projectSettings } from "./settings.ts";
export { siblingOf } from "./sibling.ts";
