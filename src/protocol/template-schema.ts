import * as z from 'zod';
import { refusalText } from '../engine/checks/refusal.ts';
import type { Template } from '../engine/documents.ts';
import type { Channel } from '../engine/trigger.ts';
import { idSchema, jsonSchema, localeSchema } from './common-schema.ts';
import { fields } from './schema-kit.ts';

/** Of the document's JSON text; e-mail bodies are what takes room. */
export const MAX_TEMPLATE_BYTES = 256 * 1024;

/** A Mustache text. What stands between its braces is `check-template.ts`'s. */
const text = z.string();
const filled = z.string().min(1);

const buttonsSchema = z
  .array(
    fields({
      id: z.string().min(1).max(64),
      text: filled,
      action: fields({
        type: z.enum(['open', 'dismiss', 'track']),
        url: filled.exactOptional(),
        event: z.string().min(1).max(200).exactOptional(),
      })
        .refine(
          (action) => action.type !== 'open' || action.url !== undefined,
          refusalText({ code: 'no_url' }),
        )
        .refine(
          (action) => action.type !== 'track' || action.event !== undefined,
          '`track` needs an `event`',
        ),
    }),
  )
  .max(5);

const inAppSchema = fields({
  layout: z.enum(['modal', 'slideup', 'banner', 'fullscreen', 'card', 'html']),
  title: text.exactOptional(),
  body: text.exactOptional(),
  image: fields({ url: filled, alt: text }).nullable().exactOptional(),
  html: text.nullable().exactOptional(),
  buttons: buttonsSchema.exactOptional(),
}).refine(
  (content) => (content.layout === 'html' ? Boolean(content.html) : Boolean(content.title || content.body)),
  {
    error: (issue) =>
      (issue.input as { layout?: string }).layout === 'html'
        ? 'the layout `html` needs `html`'
        : refusalText({ code: 'no_words' }),
  },
);

const pushSchema = fields({
  title: text.exactOptional(),
  body: filled,
  imageUrl: filled.exactOptional(),
  link: filled.exactOptional(),
});

const variablesSchema = z.record(z.string().min(1), text);
/** Buttons as the provider defines them; their strings are templates. */
const providerButtonsSchema = z.array(z.record(z.string(), jsonSchema)).max(5);

const CHANNEL_CONTENT = {
  in_app: inAppSchema,
  card: inAppSchema,
  push: pushSchema,
  web_push: pushSchema,
  email: fields({ subject: filled, html: filled, text: text.exactOptional() }),
  sms: fields({ text: filled }),
  lms: fields({ title: text.exactOptional(), text: filled }),
  kakao_info: fields({
    templateCode: filled,
    text: filled,
    variables: variablesSchema.exactOptional(),
    buttons: providerButtonsSchema.exactOptional(),
  }),
  kakao_brand: fields({ bubble: filled, text: filled, buttons: providerButtonsSchema.exactOptional() }),
  line: fields({ text: filled, imageUrl: filled.exactOptional() }),
  whatsapp: fields({ templateName: filled, language: filled, variables: variablesSchema.exactOptional() }),
  webhook: fields({ data: jsonSchema }),
} satisfies Record<Channel, z.ZodType>;

const defaultsSchema = z.record(
  z.string(),
  z.union([z.string().min(1), z.number()], { error: 'expected text or a number' }),
);

const localeContentSchema = fields({
  in_app: CHANNEL_CONTENT.in_app.exactOptional(),
  card: CHANNEL_CONTENT.card.exactOptional(),
  push: CHANNEL_CONTENT.push.exactOptional(),
  web_push: CHANNEL_CONTENT.web_push.exactOptional(),
  email: CHANNEL_CONTENT.email.exactOptional(),
  sms: CHANNEL_CONTENT.sms.exactOptional(),
  lms: CHANNEL_CONTENT.lms.exactOptional(),
  kakao_info: CHANNEL_CONTENT.kakao_info.exactOptional(),
  kakao_brand: CHANNEL_CONTENT.kakao_brand.exactOptional(),
  line: CHANNEL_CONTENT.line.exactOptional(),
  whatsapp: CHANNEL_CONTENT.whatsapp.exactOptional(),
  webhook: CHANNEL_CONTENT.webhook.exactOptional(),
  defaults: defaultsSchema.exactOptional(),
});

export const templateSchema = fields({
  id: idSchema,
  defaultLocale: localeSchema,
  defaults: defaultsSchema.exactOptional(),
  locales: z.record(localeSchema, localeContentSchema),
}) satisfies z.ZodType<Template>;
