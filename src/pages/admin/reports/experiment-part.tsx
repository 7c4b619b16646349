import type {
  ExperimentReport,
  GoalComparison,
  HoldoutReport,
} from '../../../engine/statistics/experiment.ts';
import { number, t } from '../language.ts';
import { conversionWords, meanValueWords, revenueWords } from './experiment-words.ts';
import { ratio } from './figures.ts';

interface Props {
  experiment: ExperimentReport;
  currency: string;
}

export function ExperimentPart({ experiment, currency }: Props) {
  const { againstHoldout, variants, sampleRatio } = experiment;
  return (
    <section class="part">
      <h2>{t('What the messages changed', '메시지가 바꾼 것')}</h2>
      <p class="hint">
        {t(
          'People who could get the messages against people who were held out at the last moment. The intervals hold 95 % of the time, however often you look.',
          '메시지 대상이 된 사람과 마지막 순간에 보류된 사람을 비교합니다. 구간은 아무리 자주 확인해도 95% 확률로 유효합니다.',
        )}
      </p>
      <Mismatch sampleRatio={sampleRatio} />
      <Arms experiment={experiment} />
      {againstHoldout.map((one) => (
        <div key={one.goal} class="box">
          <h3>
            {t('Goal', '목표')} <code>{one.goal}</code>
          </h3>
          <Sides one={one} names={[t('With messages', '메시지 대상'), t('Held out', '보류 집단')]} />
          <p>{conversionWords(one)}</p>
          <p>{revenueWords(one, currency)}</p>
        </div>
      ))}
      {variants.map((one) => (
        <div key={one.variant + one.goal} class="box">
          <h3>
            <code>{one.variant}</code> {t('against', '대')} <code>{one.against}</code>, {t('goal', '목표')}{' '}
            <code>{one.goal}</code>
          </h3>
          <Sides one={one} names={[one.variant, one.against]} />
          <p>{conversionWords(one)}</p>
          <p>{meanValueWords(one, currency)}</p>
        </div>
      ))}
      {againstHoldout.length + variants.length === 0 && (
        <p class="quiet">{t('The trigger has no goal to compare.', '비교할 목표가 트리거에 없습니다.')}</p>
      )}
    </section>
  );
}

function Arms({ experiment: { arms } }: Pick<Props, 'experiment'>) {
  if (arms.length === 0)
    return <p class="quiet">{t('Nobody takes part yet.', '아직 참여한 사람이 없습니다.')}</p>;
  return (
    <dl class="facts">
      {arms.map(({ variant, heldOut, people }) => (
        <div key={`${variant}${heldOut}`}>
          <dt>
            {[variant, heldOut ? t('held out', '보류') : t('gets messages', '메시지 대상')]
              .filter(Boolean)
              .join(', ')}
          </dt>
          <dd>{t(`${number(people)} people`, `${number(people)}명`)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Sides({
  one: { one, other },
  names,
}: {
  one: Pick<GoalComparison, 'one' | 'other'>;
  names: [string, string];
}) {
  return (
    <dl class="facts">
      {[one, other].map(({ people, converted }, i) => (
        <div key={names[i]}>
          <dt>{names[i]}</dt>
          <dd>
            {number(converted)} / {number(people)} ({ratio(converted, people)})
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Mismatch({ sampleRatio }: Pick<ExperimentReport, 'sampleRatio'>) {
  if (!sampleRatio.isMismatch) return null;
  return (
    <p class="issues issue" role="alert">
      {t(
        'People are not on the sides as they were drawn. Something keeps them out of one of them; don’t trust any difference below until that is found.',
        '집단별 인원이 설정한 비율과 다릅니다. 한쪽에서 사람이 빠지고 있으니 원인을 찾기 전에는 아래 차이를 믿지 마세요.',
      )}
    </p>
  );
}

/** The workspace's own hold-out: all marketing together. */
export function HoldoutPart({ holdout, currency }: { holdout: HoldoutReport | null; currency: string }) {
  if (!holdout) return null;
  const compared = { goal: '', ...holdout };
  return (
    <section class="part">
      <h2>{t('What all marketing changed', '전체 마케팅이 바꾼 것')}</h2>
      <Mismatch sampleRatio={holdout.sampleRatio} />
      <Sides one={holdout} names={[t('With messages', '메시지 대상'), t('Held out', '보류 집단')]} />
      <p>{conversionWords(compared)}</p>
      <p>{revenueWords(compared, currency)}</p>
    </section>
  );
}
