/** Why people did not get it: whom the trigger was asked about, for whom it fired, and what kept it from the others. */
import { FIRED } from '../../../engine/reasons.ts';
import { counted, number, t, when } from '../language.ts';
import { linkTo } from '../route.ts';
import { ReasonWords } from '../ui/reason-words.tsx';
import { Table } from '../ui/table.tsx';
import { Words } from '../ui/words.tsx';
import type { DecisionReport } from './report-types.ts';

export function DecisionPart({ decisions }: { decisions: DecisionReport }) {
  const { isKept, since, decided } = decisions;
  return (
    <section class="part">
      <h2>{t('Why people did not get it', '왜 받지 못했나')}</h2>
      {!isKept && <NotKept />}
      {since !== null && decided.decisions > 0 && <Counts decisions={decisions} since={since} />}
      {isKept && decided.decisions === 0 && <NoDecision since={since} />}
    </section>
  );
}

function NotKept() {
  return (
    <p class="quiet">
      <Words
        text={t(
          'Decisions are not kept: with `"exportDecisions": true` in the policy `workspace` they are counted here from then on.',
          '판정을 보관하지 않습니다. `workspace` 정책에 `"exportDecisions": true`를 넣으면 그때부터 이유별로 집계합니다.',
        )}
      />{' '}
      <a href={linkTo('policies', 'workspace')}>{t('Open the policy', '정책 열기')}</a>
    </p>
  );
}

function NoDecision({ since }: { since: string | null }) {
  return (
    <p class="quiet">
      {since === null
        ? t(
            'Decisions are kept for 14 days; none of this period is there yet.',
            '판정은 14일 동안 보관합니다. 이 기간의 판정은 아직 없습니다.',
          )
        : t(
            `Since ${when(since)} this trigger was asked about nobody.`,
            `${when(since)} 이후 이 트리거가 판정한 사람이 없습니다.`,
          )}
    </p>
  );
}

function Counts({
  decisions: { decided, fired, reasons },
  since,
}: {
  decisions: DecisionReport;
  since: string;
}) {
  const without = decided.people - fired.people;
  const others = reasons
    .filter(({ reason }) => !FIRED.includes(reason))
    .sort((a, b) => b.people - a.people || b.decisions - a.decisions);
  return (
    <>
      <p class="hint">
        {t(
          `Counted since ${when(since)}, as far as decisions are kept (14 days).`,
          `판정이 보관된 ${when(since)} 이후를 집계했습니다(최대 14일).`,
        )}
      </p>
      <dl class="tiles">
        <Tile name={t('Decided', '판정')} people={decided.people} times={decided.decisions} />
        <Tile name={t('Fired', '발동')} people={fired.people} times={fired.decisions} />
        <Tile
          name={t('Did not get it', '받지 못함')}
          people={without}
          times={decided.decisions - fired.decisions}
        />
      </dl>
      {others.length > 0 && (
        <Table
          label={t('Why people did not get it', '왜 받지 못했나')}
          items={others}
          keyOf={({ reason }) => reason}
          columns={[
            {
              head: t('Reason', '이유'),
              cell: ({ reason }) => (
                <>
                  <ReasonWords reason={reason} /> <code class="quiet">{reason}</code>
                </>
              ),
            },
            {
              head: t('People without it', '받지 못한 사람'),
              isNumber: true,
              cell: ({ people }) => number(people),
            },
            { head: t('Decisions', '판정 수'), isNumber: true, cell: ({ decisions }) => number(decisions) },
          ]}
        />
      )}
      <p class="hint">
        {t(
          'Somebody who did not get it is counted once, under the last reason; somebody who got it at another time only among the decisions.',
          '받지 못한 사람은 마지막 이유에 한 번만 집계합니다. 다른 때에 받은 사람은 판정 수에만 들어갑니다.',
        )}
      </p>
    </>
  );
}

function Tile({ name, people, times }: { name: string; people: number; times: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{t(counted(people, 'person', 'people'), `${number(people)}명`)}</strong>
        <span class="hint">{t(counted(times, 'decision', 'decisions'), `판정 ${number(times)}건`)}</span>
      </dd>
    </div>
  );
}
