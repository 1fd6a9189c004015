/** What the API does with a model: the face of the resource layer. */

export { qualitiesOf, qualityOf } from "./accept-encoding.ts";
// Contracts
export { networkOf, readAddress } from "./addresses.ts";
export { admitsAnybody } from "./anybody.ts";
export { type Authenticator, authenticate, type Identity, type SecurityScheme, type User } from "./authentication.ts";
export { parseText } from "./body.ts";
export type { BulkOptions } from "./bulk-options.ts";
export { modelsOf } from "./children.ts";
export { etagEncoded, etagKnownBy, etagOf, matchesWeakly } from "./conditional.ts";
export { Context } from "./context.ts";
export { type Download, download } from "./download.ts";
export { type Action, allowedMethods, type Endpoint, type Result } from "./endpoint.ts";
export { resourceEndpoints, rootEndpoint, type Shared } from "./endpoints.ts";
// Declaring
export type { Expansion, Expansions } from "./expansion.ts";
export * as filter from "./filters/declaration.ts";
// Compiling
export { compileFilters, compileOrdering, type FilterParameter } from "./filters/index.ts";
export type { Committed, Deleting, Hooks, Saved, Saving } from "./hooks.ts";
export { createIdempotency, type Idempotency } from "./idempotency.ts";
export { labelFieldOf } from "./label-field.ts";
export { type Handle, lifecycle, type Response } from "./lifecycle.ts";
export type { OfferedParameters } from "./list-parameters.ts";
export { labelOf } from "./metadata.ts";
export { isField, type Output, type OutputOf } from "./output.ts";
export type { ActionDeclaration, DetailActionContext, ListActionContext } from "./own-action.ts";
export {
  type EndpointDeclaration,
  endpoint,
  type OwnAction,
  type OwnContext,
  type OwnEndpoint,
  type OwnEndpointOptions,
} from "./own-endpoint.ts";
export * as pagination from "./pagination/index.ts";
export type { Permission } from "./permissions.ts";
export * as permission from "./permissions.ts";
export { mayUse, usableMethods } from "./permit.ts";
export { createThrottle, parseRate, type Rate } from "./rates.ts";
export { jsonRenderer, type Renderer, toJson } from "./renderers.ts";
export { Request, type RequestFacts } from "./request.ts";
export { type Resource, resource } from "./resource.ts";
export type { CrudAction, ResourceOptions } from "./resource-options.ts";
export { nameOfRow } from "./row-names.ts";
export type { Asker, Scope } from "./scope.ts";
export * as scope from "./scope.ts";
export { createScopes } from "./scopes.ts";
export { Form } from "./serializer/form.ts";
export { innerForm, listOf } from "./serializer/form-values.ts";
export { messageOf } from "./serializer/messages.ts";
export { isObject } from "./serializer/parse/structure.ts";
export { createSerializer, type Serializer, type Validate } from "./serializer/serializer.ts";
export type { Change, Services, Watcher } from "./services.ts";
export type { Throttle } from "./throttling.ts";
export { isoTime } from "./time.ts";
export type { TransactOptions } from "./transaction.ts";
export { createWork, type Work } from "./work.ts";
