/** Which addresses refuse what, and who was written to there. An address is known here by its key alone. */
import { addressed } from '../engine/gates/suppression.ts';
import type { ReportKind } from '../engine/runs/hear-report.ts';
import type { Channel } from '../engine/trigger.ts';

export interface AddressRefusal {
  addressKey: string;
  channel: Channel;
  marketingOnly: boolean;
  kind: ReportKind;
  provider: string;
  code: string;
  reportId: string;
  refusedAt: number;
}

/** A newer refusal takes an older one's place; the same one told again, at whatever time, changes nothing. */
const REFUSE = `
INSERT INTO address_refusals
  (address_key, channel, marketing_only, kind, provider, code, report_id, refused_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (address_key, channel, marketing_only) DO UPDATE SET
  kind = excluded.kind, provider = excluded.provider, code = excluded.code,
  report_id = excluded.report_id, refused_at = excluded.refused_at
WHERE excluded.refused_at > refused_at AND excluded.report_id <> report_id`;

/** A statement. */
export function refuseAddress(db: D1Database, refusal: AddressRefusal): D1PreparedStatement {
  const { addressKey, channel, marketingOnly, kind, provider, code, reportId, refusedAt } = refusal;
  const values = [Number(marketingOnly), kind, provider, code, reportId, refusedAt];
  return db.prepare(REFUSE).bind(addressKey, addressed(channel), ...values);
}

type Row = Pick<AddressRefusal, 'kind' | 'provider' | 'code'> & {
  marketing_only: number;
  refused_at: number;
};
export type StandingRefusal = Pick<
  AddressRefusal,
  'marketingOnly' | 'kind' | 'provider' | 'code' | 'refusedAt'
>;

/** What is refused at the address, the wider first. Read from the primary: the very next message has to stop. */
export async function refusalsAt(
  db: D1Database,
  addressKey: string,
  channel: Channel,
): Promise<StandingRefusal[]> {
  const { results } = await db
    .withSession('first-primary')
    .prepare(
      `SELECT marketing_only, kind, provider, code, refused_at FROM address_refusals
       WHERE address_key = ?1 AND channel = ?2 ORDER BY marketing_only`,
    )
    .bind(addressKey, addressed(channel))
    .all<Row>();
  return results.map(({ marketing_only, refused_at, ...rest }) => ({
    ...rest,
    marketingOnly: marketing_only === 1,
    refusedAt: refused_at,
  }));
}

/** A statement: one row for each pair, written with its first message. */
export function keepAddressProfile(
  db: D1Database,
  addressKey: string,
  profileKey: string,
  sentAt: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO address_profiles (address_key, profile_key, sent_at) VALUES (?1, ?2, ?3)
       ON CONFLICT (address_key, profile_key) DO NOTHING`,
    )
    .bind(addressKey, profileKey, sentAt);
}

/** Keys of the profiles that were written to at the address. */
export async function profilesAt(db: D1Database, addressKey: string): Promise<string[]> {
  const { results } = await db
    .withSession('first-primary')
    .prepare('SELECT profile_key FROM address_profiles WHERE address_key = ?1')
    .bind(addressKey)
    .all<{ profile_key: string }>();
  return results.map(({ profile_key }) => profile_key);
}
