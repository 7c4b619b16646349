import { useState } from 'preact/hooks';
import type { Channel } from '../../../engine/trigger.ts';
import { call } from '../api.ts';
import { language, number, t } from '../language.ts';
import { linkTo } from '../route.ts';
import { channelWord } from '../triggers/channel-words.ts';
import { useLoaded } from '../ui/loaded.ts';
import { Pending } from '../ui/notice.tsx';
import { ReasonWords } from '../ui/reason-words.tsx';
import { DecisionPart } from './decision-part.tsx';
import { ExperimentPart } from './experiment-part.tsx';
import { GuardrailPart } from './guardrail-part.tsx';
import { NumberTable } from './number-table.tsx';
import type { Numbers, TriggerReport as Report } from './report-types.ts';
import { instantAgo, SpanChoice } from './span.tsx';
import { Totals } from './totals.tsx';

export function TriggerReport({ id }: { id: string }) {
  const [days, setDays] = useState(28);
  const path = `triggers/${encodeURIComponent(id)}/report`;
  const loaded = useLoaded(
    () => call<Report>('GET', `${path}?from=${instantAgo(days)}&lang=${language.value}`),
    `${path} ${days} ${language.value}`,
  );
  return (
    <>
      <div class="head">
        <div>
          <a class="back" href={linkTo('triggers', id)}>
            ← {id}
          </a>
          <h1>{t('Report', '성과')}</h1>
        </div>
        <SpanChoice days={days} choose={setDays} />
      </div>
      {loaded.value ? <Told report={loaded.value} /> : <Pending of={loaded} />}
    </>
  );
}

function Told({ report }: { report: Report }) {
  const { perChannel, perVariant, currency, experiment, skipped } = report;
  return (
    <>
      <Totals report={report} />
      {Object.keys(perChannel).length > 0 && (
        <section>
          <h2>{t('By channel', '채널별')}</h2>
          <NumberTable
            label={t('By channel', '채널별')}
            of={t('Channel', '채널')}
            rows={rowsOf(perChannel, (name) => channelWord(name as Channel))}
            currency={currency}
          />
        </section>
      )}
      {Object.keys(perVariant).length > 0 && (
        <section>
          <h2>{t('By variant', '변형별')}</h2>
          <NumberTable
            label={t('By variant', '변형별')}
            of={t('Variant', '변형')}
            rows={rowsOf(perVariant, (name) => name)}
            currency={currency}
          />
        </section>
      )}
      {experiment && <ExperimentPart experiment={experiment} currency={currency} />}
      <DecisionPart decisions={report.decisions} />
      <GuardrailPart guardrail={report.guardrail} />
      {Object.keys(skipped).length > 0 && (
        <section class="part">
          <h2>{t('Decided, and neither sent nor shown', '결정되었으나 보내지도 노출되지도 않은 메시지')}</h2>
          <dl class="facts">
            {Object.entries(skipped).map(([reason, n]) => (
              <div key={reason}>
                <dt>
                  <ReasonWords reason={reason} />
                </dt>
                <dd>{number(n)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

function rowsOf(sections: Record<string, Numbers>, nameOf: (id: string) => string) {
  return Object.entries(sections)
    .sort(([, a], [, b]) => b.sent + b.offered - (a.sent + a.offered))
    .map(([id, numbers]) => ({ id, name: nameOf(id), numbers }));
}
