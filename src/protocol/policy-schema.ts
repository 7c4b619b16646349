import * as z from 'zod';
import { pathFault } from '../engine/checks/check-path.ts';
import { refusalText } from '../engine/checks/refusal.ts';
import {
  type CapsPolicy,
  type CapWindow,
  DEFAULT_POLICIES,
  type GuardrailsPolicy,
  type HoldoutPolicy,
  type LawPolicy,
  type QuietHoursPolicy,
  type ReportsPolicy,
  type WorkspacePolicy,
} from '../engine/documents.ts';
import {
  calendarWindowSchema,
  channelSchema,
  clockSchema,
  currencySchema,
  durationSchema,
  idSchema,
  localeSchema,
  pathSchema,
} from './common-schema.ts';
import { isPublicUrl } from './public-url.ts';
import { byKey, fields } from './schema-kit.ts';

export const MAX_POLICY_BYTES = 64 * 1024;

const { workspace, law } = DEFAULT_POLICIES;
const line = z.string().trim().min(1).max(200);

/** Mailbox providers ask no other address than one of https to unsubscribe; on one's own machine there is nothing else. */
const publicUrlSchema = z
  .string()
  .max(200)
  .refine(
    isPublicUrl,
    'expected an https address such as `https://edge.example.com`, without query (http on this machine alone)',
  )
  .transform((url) => url.replace(/\/+$/, ''));

const workspaceSchema = fields({
  id: z.literal('workspace'),
  tz: z
    .string()
    .refine(isTimeZone, refusalText({ code: 'bad_zone' }))
    .default(workspace.tz),
  locale: localeSchema.default(workspace.locale),
  currency: currencySchema.default(workspace.currency),
  identity: z.enum(['off', 'optional', 'required']).default(workspace.identity),
  sessionTimeout: durationSchema.prefault(workspace.sessionTimeout),
  retention: durationSchema.prefault(workspace.retention),
  tagLinks: z.boolean().default(true),
  publicUrl: publicUrlSchema.exactOptional(),
  itemsFromEvents: z.enum(['off', 'fill_missing']).exactOptional(),
  exportDecisions: z.boolean().exactOptional(),
}) satisfies z.ZodType<WorkspacePolicy>;

const lawSchema = fields({
  id: z.literal('law'),
  jurisdiction: z
    .enum(['KR', 'US'], { error: 'expected `KR` or `US`: no other law is known in this version' })
    .default('KR'),
  inApp: z.boolean().default(law.inApp),
  sender: fields({
    name: line.exactOptional(),
    phone: line.exactOptional(),
    email: z.email('expected an e-mail address').max(200).exactOptional(),
    address: line.exactOptional(),
    optOut080: z
      .string()
      .regex(/^080-?\d{3,4}-?\d{4}$/, 'expected a free 080 number such as `080-123-4567`')
      .exactOptional(),
  }).exactOptional(),
}) satisfies z.ZodType<LawPolicy>;

const holdoutSchema = fields({
  id: z.literal('holdout'),
  share: z.number().min(0).max(1),
}) satisfies z.ZodType<HoldoutPolicy>;

const quietHoursSchema = fields({
  id: z.literal('quiet_hours'),
  from: clockSchema,
  to: clockSchema,
  tz: z
    .string()
    .refine((tz) => tz === 'user' || isTimeZone(tz), refusalText({ code: 'bad_user_zone' }))
    .default('user'),
  action: z.enum(['hold', 'drop', 'next_channel']).default('hold'),
}) satisfies z.ZodType<QuietHoursPolicy>;

const readablePathSchema = pathSchema.superRefine((path, context) => {
  const fault = pathFault(path);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});

const capWindowSchema: z.ZodType<CapWindow> = byKey<CapWindow>(
  'window',
  () => ({ last: fields({ last: durationSchema }), calendar: calendarWindowSchema }),
  ['since'],
);

const capsSchema = fields({
  id: z.literal('caps'),
  rules: z
    .array(
      fields({
        count: z.int().min(1).max(50),
        window: capWindowSchema,
        channel: channelSchema.exactOptional(),
        surface: z.string().min(1).max(64).exactOptional(),
        tag: z.string().min(1).max(64).exactOptional(),
        trigger: idSchema.exactOptional(),
        category: z.enum(['marketing', 'transactional']).exactOptional(),
        per: z.array(readablePathSchema).min(1).max(5).exactOptional(),
      }),
    )
    .max(50),
}) satisfies z.ZodType<CapsPolicy>;

const reportsSchema = fields({
  id: z.literal('reports'),
  journey: z.boolean().default(false),
  activity: z.boolean().default(false),
}) satisfies z.ZodType<ReportsPolicy>;

const perThousandSchema = z.number().positive().max(1_000).nullable();

const guardrailsSchema = fields({
  id: z.literal('guardrails'),
  perThousand: perThousandSchema.default(DEFAULT_POLICIES.guardrails.perThousand),
  triggers: z.record(idSchema, perThousandSchema).exactOptional(),
}) satisfies z.ZodType<GuardrailsPolicy>;

/** By id. */
export const POLICY_SCHEMAS = {
  workspace: workspaceSchema,
  law: lawSchema,
  caps: capsSchema,
  holdout: holdoutSchema,
  quiet_hours: quietHoursSchema,
  reports: reportsSchema,
  guardrails: guardrailsSchema,
};

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}
