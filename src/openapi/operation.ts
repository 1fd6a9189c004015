/** One operation: its plan, and what every operation has: credentials, formats, refusals. */
import { Conflict } from "../errors.ts";
import type { Action, Endpoint } from "../resource/index.ts";
import { compact, type Operation, type Parameter, type Reference, type Response, type Schema } from "./document.ts";
import { type ComponentNames, namingParts, pascal } from "./names.ts";
import { crudPlan, type Plan, type PlanParts, plainPlan } from "./plan.ts";
import type { ResourceShapes } from "./resource-shapes.ts";
import { isRefusal, jsonContent, type Refusal, refusalOf } from "./responses.ts";
import { securityOf } from "./security.ts";

export interface OperationParts extends PlanParts {
  /** Where resources stand, e.g. `/api/v1/`. */
  readonly prefix: string;
  /** Throttle scopes that have a rate. */
  readonly limited: ReadonlySet<string>;
  readonly names: ComponentNames;
}

/** A method of an endpoint. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly action: Action;
  readonly operationId: string;
  /** What its resource shows and takes. */
  readonly shapes: ResourceShapes | undefined;
  /** It answers those who send no credentials, too. */
  readonly isOpen: boolean;
  /** Placeholders of its path. */
  readonly keys: readonly Parameter[];
}

export function describeOperation(route: Route, parts: OperationParts): Operation {
  const { endpoint, method, action, operationId, shapes, isOpen, keys } = route;
  const { components, errors, prefix, names } = parts;
  const [tag = action.name] = namingParts(endpoint.path, prefix);
  const name = names.beside(shapes ? shapes.name + pascal(action.name) : pascal(operationId), "Action");
  const plan = (shapes && !action.isOwn && crudPlan(route, shapes, parts)) || plainPlan(route, name, parts);

  const isOwn = hasOwnCode(route);
  const wrong: Schema[] = isOwn ? [...plan.wrong, errors.findings] : [...plan.wrong];
  const badRequest: Response | undefined =
    wrong.length > 0
      ? { description: "What was sent cannot be taken.", content: jsonContent({ anyOf: [...wrong, errors.detail] }) }
      : undefined;
  const responses: Record<string, Response | Reference> = { ...plan.answers };
  if (badRequest) responses[400] = badRequest;
  for (const status of refusalsOf(route, plan, parts)) responses[status] = refusalOf(status, components, errors);
  if (isOwn)
    // A range such as 4XX would say more, and some generators cannot read it.
    responses.default = {
      description: "Own code refuses: a status from 400 to 499.",
      content: jsonContent({ anyOf: [errors.detail, errors.findings] }, new Conflict().body()),
    };

  const format: Parameter = {
    ...{ name: "format", in: "query", schema: { type: "string", enum: ["json"] } },
    description: "The format of the answer; stronger than the header Accept.",
  };
  const formats = endpoint.renderers.length > 1 && endpoint.renderers[0].format === "json";
  const parameters = [
    ...keys,
    ...plan.parameters,
    ...(formats ? [components.refer("parameters", "Format", format)] : []),
  ];
  const who = endpoint.permissions.map((permission) => permission.name).join(" and ");
  const text = [endpoint.description, who && `Who may: ${who}.`].filter((part) => part).join("\n\n");
  return compact({
    ...{ operationId, tags: [tag], summary: summaryOf(route, tag) },
    description: text === "" ? undefined : text,
    security: securityOf(endpoint, action, method, isOpen),
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody: plan.body,
    responses,
  });
}

/** Whether code of the app's own runs in it, which may refuse in its own way. */
function hasOwnCode({ endpoint: { resource }, action, method }: Route): boolean {
  if (action.isOwn || method === "GET" || !resource) return action.isOwn === true;
  return resource.validate !== undefined || Object.keys(resource.hooks).length > 0;
}

/** What it may be refused with, in the order of the numbers. */
function refusalsOf({ endpoint, action, isOpen }: Route, plan: Plan, { limited }: OperationParts): Refusal[] {
  const { authenticators, throttleScope, challenge = authenticators[0]?.challenge } = endpoint;
  const all = new Set<number>([404, 406, 503, ...plan.refusals, ...(action.refuses ?? [])]);
  if (authenticators.length > 0 || !isOpen) all.add(403);
  if (authenticators.length > 0 && challenge !== undefined) all.add(401);
  for (const { refuses = [] } of authenticators) for (const status of refuses) all.add(status);
  if (throttleScope !== undefined && limited.has(throttleScope)) all.add(429);
  return [...all].filter(isRefusal).sort((a, b) => a - b);
}

const verbs: Readonly<Record<string, string>> = {
  create: "Create",
  retrieve: "Read",
  update: "Replace",
  partialUpdate: "Change",
  delete: "Delete",
  bulkUpdate: "Replace many of",
  bulkPartialUpdate: "Change many of",
  bulkDelete: "Delete many of",
};

function summaryOf({ endpoint: { resource, name }, action }: Route, tag: string): string {
  if (resource && action.name === "list") return `List ${tag.replaceAll(/[-_]/g, " ")}`;
  const verb = action.isOwn ? undefined : verbs[action.name];
  return resource && verb !== undefined ? `${verb} ${resource.title}` : name;
}
