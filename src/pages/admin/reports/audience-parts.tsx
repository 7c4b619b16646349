/** People: how many a day, who comes back, how far they get. */
import type { JourneyStage } from '../../../engine/reporting/report-facts.ts';
import { number, t } from '../language.ts';
import { Empty } from '../ui/notice.tsx';
import { Table } from '../ui/table.tsx';
import { Bars } from './bars.tsx';
import { percent, ratio } from './figures.ts';
import type { AudienceReport } from './report-types.ts';

export function ActivePart({ report: { days, told, cohorts, from, to } }: { report: AudienceReport }) {
  const total = days.reduce((sum, { active }) => sum + active, 0);
  const mean = days.length > 0 ? total / days.length : 0;
  // Six people in four weeks are not none a day.
  const each = number(mean < 10 ? Math.round(mean * 10) / 10 : Math.round(mean));
  const label = t(
    `${each} a day on average, from ${from} to ${to}`,
    `${from}부터 ${to}까지 하루 평균 ${each}명`,
  );
  return (
    <section class="part">
      <h2>{t('Active people a day', '하루 활성 사용자')}</h2>
      {total > 0 ? (
        <>
          <p class="quiet">{label}</p>
          <Bars label={label} bars={days.map(({ day, active }) => ({ name: day, value: active }))} />
        </>
      ) : (
        <Silent isTold={told.activity} />
      )}
      {cohorts.length > 0 && <Retention cohorts={cohorts} />}
    </section>
  );
}

/** Shares in five steps of colour, and as text. */
function Retention({ cohorts }: Pick<AudienceReport, 'cohorts'>) {
  const most = Math.max(...cohorts.map(({ activeAfter }) => activeAfter.length));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reached by keyboard
    <section class="scrolls" aria-label={t('Retention', '리텐션')} tabIndex={0}>
      <table class="retention">
        <caption>{t('Who comes back, by the week of their first day', '첫 방문 주별 재방문 비율')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('Week of', '주')}</th>
            <th scope="col">{t('People', '사람')}</th>
            {Array.from({ length: most }, (_, week) => (
              <th key={week} scope="col">
                {t(`week ${week}`, `${week}주`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map(({ week, people, activeAfter }) => (
            <tr key={week}>
              <th scope="row">{week}</th>
              <td>{number(people)}</td>
              {activeAfter.map((active, after) => (
                <td
                  key={`${week}+${after}`}
                  class={`share${Math.round((people > 0 ? active / people : 0) * 4)}`}
                >
                  {percent(people > 0 ? active / people : null, 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function JourneyPart({ report: { journey, told } }: { report: AudienceReport }) {
  const [entered] = journey;
  if (!entered || entered.reached === 0) {
    return (
      <section class="part">
        <h2>{t('Journey', '고객 여정')}</h2>
        <Silent isTold={told.journey} />
      </section>
    );
  }
  return (
    <section class="part">
      <h2>{t('Journey of who came in these days', '이 기간에 들어온 고객의 여정')}</h2>
      <Table
        label={t('Journey', '고객 여정')}
        keyOf={({ stage }) => stage}
        items={journey.map((one, i) => ({ ...one, before: journey[i - 1]?.reached ?? 0 }))}
        columns={[
          { head: t('Stage', '단계'), cell: ({ stage }) => stageWord(stage) },
          { head: t('People', '사람'), isNumber: true, cell: ({ reached }) => number(reached) },
          {
            head: t('Of all', '전체 대비'),
            isNumber: true,
            cell: ({ reached }) => ratio(reached, entered.reached),
          },
          {
            head: t('Of the stage before', '이전 단계 대비'),
            isNumber: true,
            cell: ({ ofPrevious, before }) => (ofPrevious === null ? '–' : ratio(ofPrevious, before)),
          },
          {
            head: t('Share', '비율'),
            cell: ({ reached }) => (
              <svg class="funnel" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(reached / entered.reached) * 100} height={10} rx={2} />
              </svg>
            ),
          },
        ]}
      />
    </section>
  );
}

function Silent({ isTold }: { isTold: boolean }) {
  return (
    <Empty>
      {isTold
        ? t('Nobody in these days.', '이 기간에는 아무도 없습니다.')
        : t(
            'Not told: switch it on in the policy “reports”.',
            '집계하지 않습니다. reports 정책에서 켤 수 있습니다.',
          )}
    </Empty>
  );
}

function stageWord(stage: JourneyStage): string {
  return {
    entered: t('Came', '진입'),
    browsed: t('Browsed', '탐색'),
    signed_up: t('Signed up', '가입'),
    acted: t('Acted (cart, wishlist …)', '행동(장바구니, 찜 등)'),
    purchased: t('Bought', '구매'),
    returned: t('Came back', '재진입'),
    repurchased: t('Bought again', '재구매'),
  }[stage];
}
