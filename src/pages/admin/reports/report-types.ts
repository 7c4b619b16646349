/** Reports as the API tells them. */

import type { Reason } from '../../../engine/reasons.ts';
import type { JourneyStage, ReactionKind } from '../../../engine/reporting/report-facts.ts';
import type { ExperimentReport, HoldoutReport } from '../../../engine/statistics/experiment.ts';

export interface Numbers {
  statuses: { queued: number; held: number };
  sent: number;
  offered: number;
  waiting: number;
  delivered: number;
  shown: number;
  clicked: number;
  dismissed: number;
  clickToOpen: number | null;
  conversionRate: number | null;
  openRate72h: number | null;
  reactions: Record<ReactionKind, number>;
  converted: number;
  value: number;
  otherValues: Record<string, number>;
  heldOut: number;
  heldOutConverted: number;
}

export interface MessageReport extends Numbers {
  from: string;
  to: string;
  currency: string;
  entered: number;
  skipped: Record<string, number>;
  perVariant: Record<string, Numbers>;
  perChannel: Record<string, Numbers>;
}

export interface WorkspaceReport extends MessageReport {
  perTrigger: Record<string, Numbers>;
  /** Null where the workspace has no hold-out. */
  holdout: HoldoutReport | null;
}

export interface GuardrailReport {
  threshold?: number;
  sinceAt?: string;
  messages?: number;
  reactions?: number;
  pausedAt?: string;
  why?: string;
}

interface Counted {
  decisions: number;
  people: number;
}

/** `since`: null where none of the span is kept. */
export interface DecisionReport {
  isKept: boolean;
  since: string | null;
  decided: Counted;
  fired: Counted;
  reasons: (Counted & { reason: Reason })[];
}

export interface TriggerReport extends MessageReport {
  decisions: DecisionReport;
  experiment: ExperimentReport | null;
  guardrail: GuardrailReport | null;
}

export interface AudienceReport {
  from: string;
  to: string;
  told: { journey: boolean; activity: boolean };
  days: { day: string; active: number }[];
  cohorts: { week: string; people: number; activeAfter: number[] }[];
  isLastWeekOpen: boolean;
  journey: { stage: JourneyStage; reached: number; ofPrevious: number | null }[];
}
