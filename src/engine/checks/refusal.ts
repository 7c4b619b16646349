/**
 * Why a document is refused, of the faults that are met most: a sentence, and beside it which sentence it is and what it speaks
 * of, so that others can say it in another language. Codes and values, once told, stay as they are. What has no code yet is told
 * by its sentence alone.
 */
import type { Issue } from './issue.ts';

export type RefusalValues = Record<string, string | number>;

/** What a schema calls a kind of value, in words. */
const KINDS: Record<string, string> = {
  nothing: 'nothing',
  null: 'null',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  record: 'an object',
  object: 'an object',
};
const OPERANDS: Record<string, string> = {
  one: 'one text, number, true or false, or a `ref`; for several use `in`',
  ordered: 'a number, a text or a `ref`',
  pair: 'a list of two numbers or two texts, the smaller one first',
  list: "a list that isn't empty, or a `ref`",
  text: "a text that isn't empty, or a `ref`",
  instant: 'a date such as `2026-12-14T11:00:00+09:00`, or a `ref`',
  duration: 'a duration such as `30d`',
};
const inWords = (words: Record<string, string>, name: string | number | undefined) =>
  words[String(name)] ?? String(name);
const meant = (nearest: string | number | undefined) => (nearest ? `; did you mean \`${nearest}\`?` : '');
const reads = ({ template, read, at }: RefusalValues) =>
  `template \`${template}\` reads \`${read}\` (\`${at}\`)`;
const WHERE =
  'expected `publicUrl` in the policy `workspace`, or `PUBLIC_URL` of the deployment, such as `https://edge.example.com`';

const SENTENCES = {
  // Of any document: its form.
  missing: ({ expected }) => `is missing; expected ${inWords(KINDS, expected)}`,
  wrong_kind: ({ expected, found }) => `expected ${inWords(KINDS, expected)}, got ${inWords(KINDS, found)}`,
  not_one_of: ({ legal, nearest }) =>
    `expected ${String(legal).includes(',') ? 'one of ' : ''}${legal}${meant(nearest)}`,
  empty: () => "mustn't be empty",
  too_short: ({ least }) => `at least ${least} characters`,
  too_long: ({ most }) => `at most ${most} characters`,
  too_few: ({ least }) => `at least ${least} entries`,
  too_many: ({ most }) => `at most ${most} entries`,
  too_small: ({ least }) => `at least ${least}`,
  not_more: ({ than }) => `more than ${than}`,
  too_big: ({ most }) => `at most ${most}`,
  unknown_field: ({ nearest }) => `isn't a field here${meant(nearest)}`,
  not_yet: () => "isn't available in this version",
  bad_id: () => 'expected 1–64 of a–z, 0–9, `_` and `-`, such as `price-drop`',
  bad_duration: () => 'expected a duration: a whole number and s, m, h, d or w, such as `30m`',
  bad_duration_or_session: () => 'expected a duration such as `30m`, or `session`',
  bad_expiry: () => 'expected a duration such as `30m`, or `{ until: path, offset? }`',
  bad_wait: () =>
    'expected a duration such as `30m`, `{ until: path, offset? }` or `{ time: "09:00", days? }`',
  bad_time: () => 'expected a time of day such as `09:00`',
  bad_path: () => 'expected a path such as `event.properties.price`',
  bad_zone: () => 'expected an IANA time zone such as `Asia/Seoul`',
  bad_user_zone: () => 'expected `user` or a time zone such as `Asia/Seoul`',
  bad_locale: () => 'expected a language tag such as `ko` or `en-US`',
  bad_currency: () => 'expected a currency code such as `KRW`',
  bad_instant: () => 'expected an instant such as `2026-12-14T11:00:00+09:00`',
  // Of a trigger alone.
  no_transactional_reason: () =>
    'is missing; a transactional message goes out without marketing consent, so say why it may',
  no_cooldown: () => 'is missing; `cooldown` needs one, such as `1d` or `session`',
  needless_cooldown: ({ mode }) => `\`${mode}\` takes none; expected \`mode: "cooldown"\``,
  no_entry_key: () => '`key` needs `entry.key`; expected `user`',
  exit_of_nothing: () => 'expected `on`, `if` or both',
  same_step_id: ({ id, at }) => `\`${id}\` is the id of \`${at}\` already`,
  no_send: () => 'expected at least one `send`: nothing is ever sent',
  same_channel: ({ channel }) => `\`${channel}\` is named twice`,
  no_surface: () => 'only `in_app` and `card` have a surface',
  no_lookup: ({ path }) => `\`${path}\` needs \`entry.lookup\`, which names the table`,
  no_variant: ({ arm, known }) =>
    `\`${arm}\` is no variant of \`experiment.variants\`; expected one of them: ${known}`,
  no_arm: ({ variant }) => `has no step for the variant \`${variant}\``,
  no_such_step: ({ id, nearest }) => `there is no step \`${id}\`${meant(nearest)}`,
  never_reached: ({ id }) => `no run ever reaches \`${id}\`; expected a \`goto\` to it`,
  endless: ({ id }) =>
    `a run can come back to \`${id}\` without waiting, and would never end; expected a \`wait\` on the way`,
  // Of conditions.
  no_such_root: ({ path, step, legal, nearest }) =>
    `no path begins with \`${step}\` (in \`${path}\`); expected one of ${legal}${meant(nearest)}`,
  no_such_path: ({ path, before, step, legal, nearest }) =>
    `\`${before}\` has no \`${step}\` (in \`${path}\`); expected one of ${legal}${meant(nearest)}`,
  no_value: ({ op }) => `\`${op}\` takes no value`,
  value_missing: ({ op, operand }) => `is missing; \`${op}\` takes ${inWords(OPERANDS, operand)}`,
  value_unfit: ({ op, operand }) => `\`${op}\` takes ${inWords(OPERANDS, operand)}`,
  no_such_event: ({ name, legal, nearest }) =>
    `the system sends no \`${name}\`; expected one of ${legal}${meant(nearest)}`,
  // Of what a trigger refers to.
  no_such_document: ({ kind, id, nearest }) => `there is no ${kind} \`${id}\`${meant(nearest)}`,
  no_provider: ({ channel }) => `no provider is set for \`${channel}\`; expected one at channels/${channel}`,
  no_text: ({ template, channel, locale }) =>
    `template \`${template}\` has no \`${channel}\` text in its default locale \`${locale}\`; expected \`locales.${locale}.${channel}\``,
  reads_lookup: (values) => `${reads(values)}; expected \`entry.lookup\`, which names the table`,
  reads_data: (values) => `${reads(values)}; expected \`send.data.${values.name}\` or a default`,
  reads_recommendations: (values) => `${reads(values)}; expected \`send.recommend\` or a default`,
  reads_opt_out_in_app: (values) => `${reads(values)}, which only messages have that leave the app`,
  reads_opt_out: (values) => `${reads(values)}; ${WHERE}`,
  no_public_url: () =>
    `a marketing e-mail carries a link to unsubscribe, and nobody has said where this deployment is reached; ${WHERE}`,
  alimtalk_advertises: () => 'Alimtalk carries no advertising, whoever sends it; expected `kakao_brand`',
  takes_no_advertising: ({ channel }) =>
    `the provider of \`${channel}\` takes no advertising; expected another provider at channels/${channel}`,
  no_sender: ({ channel, lacking }) =>
    `a marketing message on \`${channel}\` must say who sends it and how to stop it; expected ${lacking} in the policy \`law\``,
  bad_ad_mark: ({ template, at }) =>
    `template \`${template}\` \`${at}\` is marked as advertising in a form that isn't lawful; expected \`(광고)\` exactly, or nothing: it is added`,
  // Of a template.
  no_default_locale: ({ locale, known }) => `\`locales\` has no \`${locale}\`; expected one of ${known}`,
  no_text_at_all: () => 'has no text for any channel',
  no_words: () => 'needs a `title` or a `body`: nobody is shown an empty message',
  no_url: () => '`open` needs a `url`',
  nothing_fills: ({ read, legal, nearest }) =>
    `nothing fills ${read} here; expected a path that begins with ${legal}${meant(nearest)}`,
  unsafe_link: ({ scheme }) =>
    `\`${scheme}:\` isn't opened; expected http(s), an app's own scheme, or a relative URL`,
  open_scheme: () => 'a value could change the scheme; write the beginning out, up to the first `/`',
} satisfies Record<string, (values: RefusalValues) => string>;
export type RefusalCode = keyof typeof SENTENCES;
export const REFUSALS = Object.keys(SENTENCES) as RefusalCode[];

/** A kind of value in words, as schemas call it. */
export function kindWord(name: string): string {
  return inWords(KINDS, name);
}

/** A sentence that has no place yet. */
export interface Refusal {
  code: RefusalCode;
  values?: RefusalValues;
}

export function refusalText({ code, values = {} }: Refusal): string {
  const sentence: (values: RefusalValues) => string = SENTENCES[code];
  return sentence(values);
}

export function refusedAt(path: string, refusal: Refusal): Issue {
  const { code, values = {} } = refusal;
  return { path, message: refusalText(refusal), code, values };
}

/** `said`: a refusal, or a sentence that has no code. */
export function issueOf(path: string, said: Refusal | string): Issue {
  return typeof said === 'string' ? { path, message: said } : refusedAt(path, said);
}

const BY_SENTENCE = new Map(
  REFUSALS.filter((code) => SENTENCES[code].length === 0).map((code) => [refusalText({ code }), code]),
);

/** Which sentence this is, of those that speak of nothing; schemas hand on nothing but their sentences. */
export function refusalSaying(message: string): Refusal | null {
  const code = BY_SENTENCE.get(message);
  return code === undefined ? null : { code };
}
