/**
 * The API's description (OpenAPI 3.1): every route that the Worker serves, with the request bodies of the zod schemas
 * that check them. What isn't served isn't described, and nothing is described twice.
 */
import * as z from 'zod';
import { backtestAnswerSchema, backtestSchema } from './backtest-schema.ts';
import { channelSettingsSchema } from './channel-schema.ts';
import { batchCall, CALL_SCHEMAS } from './events.ts';
import { erasureSchema, exportLineSchema } from './export-schema.ts';
import { importAnswerSchema, importProgressSchema } from './item-import.ts';
import { itemBatchSchema, itemWriteSchema } from './item-schema.ts';
import { lookupSchema } from './lookup-schema.ts';
import { POLICY_SCHEMAS } from './policy-schema.ts';
import { previewSchema, testSchema } from './preview-schema.ts';
import {
  audienceReportSchema,
  messageReportSchema,
  shadowReportSchema,
  triggerReportSchema,
} from './report-schema.ts';
import { keyedUnion } from './schema-kit.ts';
import { segmentSchema } from './segment-schema.ts';
import { templateSchema } from './template-schema.ts';
import { triggerSchema } from './trigger-schema.ts';
import { unsubscribeFormSchema } from './unsubscribe-form.ts';
import { exportCallSchema, workspaceLineSchema } from './workspace-export-schema.ts';

/** A route as the description needs it. `auth` is who may call it. */
interface DescribedRoute {
  method: string;
  /** `/v1/items/:id` */
  path: string;
  auth: string;
}

/** Schemas of request bodies by method and path: `PUT /v1/items/:id`. */
export type Bodies = Record<string, z.ZodType>;

const DOCUMENT_BODIES: Bodies = {
  'POST /admin/api/triggers': triggerSchema,
  'PUT /admin/api/triggers/:id': triggerSchema,
  'POST /admin/api/triggers/check': triggerSchema,
  'POST /admin/api/triggers/preview': previewSchema,
  'POST /admin/api/triggers/backtest': backtestSchema,
  'POST /admin/api/triggers/:id/test': testSchema,
  'PUT /admin/api/templates/:id': templateSchema,
  'PUT /admin/api/segments/:id': segmentSchema,
  'PUT /admin/api/lookups/:id': lookupSchema,
  'PUT /admin/api/channels/:id': channelSettingsSchema,
  'PUT /admin/api/policies/:id': z.union(Object.values(POLICY_SCHEMAS)),
  'PUT /v1/items/:id': itemWriteSchema,
  'POST /v1/items/batch': itemBatchSchema,
  'POST /v1/batch': batchCall,
  'POST /v1/import': batchCall,
  ...Object.fromEntries(Object.entries(CALL_SCHEMAS).map(([type, schema]) => [`POST /v1/${type}`, schema])),
};

/** Bodies that come as a form, from a mailbox or a page. */
const FORM_BODIES: Bodies = { 'POST /u/:token': unsubscribeFormSchema };

const PAGE = { type: 'text/html', schema: z.string() };

/** Answers whose form is part of the contract, where it isn't the document's own. */
const ANSWERS: Record<string, { type: string; schema: z.ZodType }> = {
  'GET /v1/profiles/:userId/export': { type: 'application/x-ndjson', schema: exportLineSchema },
  'POST /v1/items/imports/:id': { type: 'application/json', schema: importAnswerSchema },
  'GET /v1/items/imports/:id': { type: 'application/json', schema: importProgressSchema },
  'POST /admin/api/triggers/backtest': { type: 'application/json', schema: backtestAnswerSchema },
  'GET /admin/api/triggers/:id/report': { type: 'application/json', schema: triggerReportSchema },
  'GET /admin/api/triggers/:id/shadow-report': { type: 'application/json', schema: shadowReportSchema },
  'GET /admin/api/reports/messages': { type: 'application/json', schema: messageReportSchema },
  'GET /admin/api/reports/audience': { type: 'application/json', schema: audienceReportSchema },
  ...Object.fromEntries(
    ['decisions', 'deliveries', 'conversions', 'events'].map((name) => [
      `GET /admin/api/export/${name}`,
      { type: 'application/x-ndjson', schema: workspaceLineSchema },
    ]),
  ),
  'DELETE /v1/profiles/:userId': { type: 'application/json', schema: erasureSchema },
  'GET /u/:token': PAGE,
  'HEAD /u/:token': PAGE,
  'POST /u/:token': PAGE,
};

/** What a route answers, where the description says it. */
export function answerSchema(method: string, path: string): z.ZodType | null {
  return ANSWERS[`${method} ${path}`]?.schema ?? null;
}

type JsonSchema = Record<string, unknown>;

const SECURITY: Record<string, object[]> = {
  none: [],
  write: [{ writeKey: [] }, { serverKey: [] }],
  any: [{ writeKey: [] }, { serverKey: [] }],
  body: [{ writeKey: [] }, { serverKey: [] }, {}],
  server: [{ serverKey: [] }],
  admin: [{ adminToken: [] }],
};

const ERROR: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        requestId: { type: 'string' },
        issues: {
          type: 'array',
          items: {
            type: 'object',
            required: ['path', 'message'],
            properties: {
              path: { type: 'string' },
              message: { type: 'string' },
              code: { type: 'string' },
              values: { type: 'object' },
            },
          },
        },
      },
    },
  },
};

export function describeApi(routes: readonly DescribedRoute[], moreBodies: Bodies = {}): JsonSchema {
  const bodies = { ...DOCUMENT_BODIES, ...moreBodies };
  const schemas: Record<string, JsonSchema> = { Error: ERROR };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const body = bodies[`${route.method} ${route.path}`];
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, body, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Reflex', version: '1' },
    paths,
    webhooks: { 'reflex.export': { post: exportCall(schemas) } },
    components: {
      securitySchemes: {
        writeKey: { type: 'http', scheme: 'basic', description: 'The write key as user name, no password.' },
        serverKey: { type: 'http', scheme: 'bearer' },
        adminToken: { type: 'http', scheme: 'bearer' },
      },
      schemas,
    },
  };
}

function operation(route: DescribedRoute, body: z.ZodType | undefined, schemas: Record<string, JsonSchema>) {
  const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const known = ANSWERS[`${route.method} ${route.path}`];
  const answer = known
    ? { [known.type]: { schema: toJsonSchema(known.schema, schemas) } }
    : { 'application/json': { schema: {} } };
  // Who is answered with a page reads of a refusal on a page.
  const error =
    known === PAGE ? answer : { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  const form = FORM_BODIES[`${route.method} ${route.path}`];
  const content = {
    ...(body && { 'application/json': { schema: toJsonSchema(body, schemas) } }),
    ...(form && { 'application/x-www-form-urlencoded': { schema: toJsonSchema(form, schemas) } }),
    ...(form && { 'multipart/form-data': { schema: toJsonSchema(form, schemas) } }),
  };
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    security: SECURITY[route.auth] ?? [],
    ...(parameters.length > 0 && { parameters }),
    ...((body || form) && { requestBody: { required: true, content } }),
    responses: {
      '2XX': { description: 'Done.', content: answer },
      default: { description: 'Refused: nothing of the request was applied.', content: error },
    },
  };
}

/** What Reflex calls, where an endpoint is set up for it. */
function exportCall(schemas: Record<string, JsonSchema>): JsonSchema {
  const header = (name: string) => ({ name, in: 'header', required: true, schema: { type: 'string' } });
  return {
    description: 'Deliveries and conversions as they come, signed as Standard Webhooks says.',
    parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: toJsonSchema(exportCallSchema, schemas) } },
    },
    responses: { '2XX': { description: 'Taken. Anything else comes again.' } },
  };
}

/** Unions that are told apart by a key become components: some contain themselves. */
function toJsonSchema(schema: z.ZodType, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      const union = keyedUnion(zodSchema);
      if (union) replaceWith(made, { $ref: componentOf(union, schemas) });
    },
  });
  return json;
}

function componentOf(
  union: NonNullable<ReturnType<typeof keyedUnion>>,
  schemas: Record<string, JsonSchema>,
): string {
  const name = union.name.charAt(0).toUpperCase() + (union.name.split(' ')[0] ?? '').slice(1);
  const ref = `#/components/schemas/${name}`;
  if (Object.hasOwn(schemas, name)) return ref;
  const component: JsonSchema = {};
  schemas[name] = component;
  component.anyOf = Object.values(union.options()).map((option) => toJsonSchema(option, schemas));
  return ref;
}

function replaceWith(made: object, wanted: JsonSchema): void {
  for (const name of Object.keys(made)) Reflect.deleteProperty(made, name);
  Object.assign(made, wanted);
}
