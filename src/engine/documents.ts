/** The other documents a marketer writes: templates, segments, lookups, channels and policies. */
import type { Channel, Condition, Path, Window } from './trigger.ts';
import type { Json } from './vocabulary.ts';

/** Per channel, the texts of one locale; every string is a Mustache template. */
export type LocaleContent = Partial<Record<Channel, { [field: string]: Json }>> & {
  defaults?: Record<string, string | number>;
};

export interface Template {
  id: string;
  defaultLocale: string;
  /** Path (`user.traits.name`) → what stands in for a missing value. */
  defaults?: Record<string, string | number>;
  locales: Record<string, LocaleContent>;
}

export interface Segment {
  id: string;
  name?: string;
  /** Whether its members are counted and listed; they are unless this is false. */
  members?: boolean;
  if: Condition;
}

/** A keyword table: `rows[].key` is looked up, the row is what `lookup.` paths see. */
export interface Lookup {
  id: string;
  rows: ({ key: string } & { [column: string]: string | number | boolean | null })[];
}

export interface ChannelSettings {
  id: Channel;
  provider: string;
  settings: { [name: string]: Json };
  /** Of one message. */
  cost?: { amount: number; currency: string };
  /** No more messages than that are sent in any minute. */
  perMinute?: number;
}

export type IdentityMode = 'off' | 'optional' | 'required';

export interface WorkspacePolicy {
  id: 'workspace';
  tz: string;
  locale: string;
  currency: string;
  identity: IdentityMode;
  /** Inactivity after which the next client event opens a new session. */
  sessionTimeout: string;
  /** How long events are kept. */
  retention: string;
  /** Whether links in messages say which message they were in; they do unless this is false. */
  tagLinks?: boolean;
  /** Where the deployment is reached from outside, without a slash at its end: links to unsubscribe lead there. */
  publicUrl?: string;
  /** Whether what events say of products fills fields that the catalog's items lack; off unless given. */
  itemsFromEvents?: 'off' | 'fill_missing';
  /** Whether what triggers answered to each event is exported, see `reporting/tell-decisions.ts`; off unless given. */
  exportDecisions?: boolean;
}

/** Who advertises. `email`: where the e-mail channel's own `from` isn't meant. */
export interface Sender {
  name?: string;
  phone?: string;
  email?: string;
  address?: string;
  optOut080?: string;
}

export interface LawPolicy {
  id: 'law';
  jurisdiction: string;
  /** Whether in-app messages and cards need marketing consent too. */
  inApp: boolean;
  sender?: Sender;
}

export type CapWindow = Exclude<Window, { since: unknown }>;

/** At most `count` messages in the window, over what the rule names; without a name, over all. */
export interface CapRule {
  /** At most 50: so many instants are kept per trigger. */
  count: number;
  window: CapWindow;
  channel?: Channel;
  /** In-app messages and cards alone have one. */
  surface?: string;
  tag?: string;
  trigger?: string;
  category?: 'marketing' | 'transactional';
  /** Counted for each value of these paths by itself: `item.id`. */
  per?: Path[];
}

export interface CapsPolicy {
  id: 'caps';
  rules: CapRule[];
}

export interface QuietHoursPolicy {
  id: 'quiet_hours';
  /** Times of day, `HH:MM`; a span that crosses midnight is one night. */
  from: string;
  to: string;
  /** `user`, or a zone for everybody. */
  tz: string;
  action: 'hold' | 'drop' | 'next_channel';
}

export interface HoldoutPolicy {
  id: 'holdout';
  /** 0–1: the part of all people who get nothing, so that the difference can be measured. */
  share: number;
}

/** What is told of every profile for the workspace's report; each costs facts, so that neither is told unless asked for. */
export interface ReportsPolicy {
  id: 'reports';
  /** The first time that a profile reaches each stage of the journey. */
  journey: boolean;
  /** Each day on which a profile is active. */
  activity: boolean;
}

/** When a trigger that drives people away pauses itself. */
export interface GuardrailsPolicy {
  id: 'guardrails';
  /** Of marketing triggers: more reactions per thousand messages than this, and it pauses. Null: never. */
  perThousand: number | null;
  /** For single triggers, also transactional ones, by id. */
  triggers?: { [id: string]: number | null };
}

export interface Policies {
  holdout: HoldoutPolicy;
  quietHours: QuietHoursPolicy | null;
  caps: CapsPolicy;
  workspace: WorkspacePolicy;
  law: LawPolicy;
  reports: ReportsPolicy;
  guardrails: GuardrailsPolicy;
}

export const DEFAULT_POLICIES: Policies = {
  workspace: {
    id: 'workspace',
    tz: 'Asia/Seoul',
    locale: 'ko',
    currency: 'KRW',
    identity: 'optional',
    sessionTimeout: '30m',
    retention: '365d',
    tagLinks: true,
  },
  holdout: { id: 'holdout', share: 0 },
  quietHours: null,
  caps: { id: 'caps', rules: [] },
  law: { id: 'law', jurisdiction: 'KR', inApp: false },
  reports: { id: 'reports', journey: false, activity: false },
  guardrails: { id: 'guardrails', perThousand: 20 },
};
