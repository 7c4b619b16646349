import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { t } from '../language.ts';
import { linkTo } from '../route.ts';
import { useLoaded } from '../ui/loaded.ts';
import { Empty, Pending } from '../ui/notice.tsx';
import { ActivePart, JourneyPart } from './audience-parts.tsx';
import { HoldoutPart } from './experiment-part.tsx';
import { NumberTable } from './number-table.tsx';
import type { AudienceReport, WorkspaceReport } from './report-types.ts';
import { dayAgo, instantAgo, SpanChoice } from './span.tsx';
import { Totals } from './totals.tsx';

export function Overview() {
  const [days, setDays] = useState(28);
  const loaded = useLoaded(
    () =>
      Promise.all([
        call<WorkspaceReport>('GET', `reports/messages?from=${instantAgo(days)}`),
        call<AudienceReport>('GET', `reports/audience?from=${dayAgo(days)}`),
      ]),
    `reports ${days}`,
  );
  return (
    <>
      <div class="head">
        <h1>{t('Reports', '성과')}</h1>
        <SpanChoice days={days} choose={setDays} />
      </div>
      {loaded.value ? (
        <Told messages={loaded.value[0]} audience={loaded.value[1]} />
      ) : (
        <Pending of={loaded} />
      )}
    </>
  );
}

function Told({ messages, audience }: { messages: WorkspaceReport; audience: AudienceReport }) {
  const triggers = Object.entries(messages.perTrigger).sort(
    ([, a], [, b]) => b.value - a.value || b.sent + b.offered - (a.sent + a.offered),
  );
  return (
    <>
      <Totals report={messages} />
      <HoldoutPart holdout={messages.holdout} currency={messages.currency} />
      <p class="hint">
        {t(
          'A conversion is credited once: to the last message, of all triggers, whose goal it met in time. What the messages changed stands in each trigger’s report.',
          '전환은 한 번만 인정됩니다. 모든 트리거 중 기간 안에 목표를 만족한 마지막 메시지의 성과가 됩니다. 메시지가 실제로 바꾼 것은 각 트리거의 성과에서 볼 수 있습니다.',
        )}
      </p>
      <h2>{t('By trigger', '트리거별')}</h2>
      {triggers.length > 0 ? (
        <NumberTable
          label={t('By trigger', '트리거별')}
          of={t('Trigger', '트리거')}
          rows={triggers.map(([id, numbers]) => ({
            id,
            name: <a href={linkTo('reports', id)}>{id}</a>,
            numbers,
          }))}
          currency={messages.currency}
        />
      ) : (
        <Empty>{t('No message in these days.', '이 기간에는 메시지가 없습니다.')}</Empty>
      )}
      <div class="after-table">
        <JourneyPart report={audience} />
        <ActivePart report={audience} />
      </div>
    </>
  );
}
