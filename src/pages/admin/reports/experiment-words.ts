/** What a comparison says, in a sentence that promises no more than it holds. */
import type { Comparison } from '../../../engine/statistics/compare.ts';
import type { GoalComparison } from '../../../engine/statistics/experiment.ts';
import { t } from '../language.ts';
import { change, money, points } from './figures.ts';

type Compared = Omit<GoalComparison, 'incrementalValue'>;

export function conversionWords({ conversion }: Compared): string {
  const { verdict, lift, liftInterval } = conversion;
  if (verdict === 'not_enough_data' || !conversion.interval) return notEnough();
  const [low, high] = lift !== null && liftInterval ? liftInterval : conversion.interval;
  const say = lift !== null && liftInterval ? change : points;
  const between = t(`between ${say(low)} and ${say(high)}`, `${say(low)}에서 ${say(high)} 사이`);
  if (verdict === 'no_difference') {
    return t(
      `No difference can be told yet; it lies ${between}.`,
      `아직 차이가 있다고 말할 수 없습니다. 실제 차이는 ${between}에 있습니다.`,
    );
  }
  const estimate = say(lift ?? conversion.difference ?? 0);
  return verdict === 'higher'
    ? t(`More convert: ${estimate}, ${between}.`, `전환이 더 많습니다: ${estimate}, ${between}.`)
    : t(`Fewer convert: ${estimate}, ${between}.`, `전환이 더 적습니다: ${estimate}, ${between}.`);
}

export function revenueWords({ value, incrementalValue }: GoalComparison, currency: string): string | null {
  if (value === null) return null;
  if (!incrementalValue) return notEnough();
  const { amount, interval } = incrementalValue;
  const [low, high] = interval.map((one) => money(one, currency));
  const between = t(`between ${low} and ${high}`, `${low}에서 ${high} 사이`);
  return isTold(value)
    ? t(
        `The messages brought ${money(amount, currency)} that would not have come without them, ${between}.`,
        `메시지가 없었다면 생기지 않았을 매출은 ${money(amount, currency)}이며, ${between}입니다.`,
      )
    : t(
        `It can’t be told yet that the messages brought anything: ${between}.`,
        `메시지가 매출을 더했다고는 아직 말할 수 없습니다: ${between}.`,
      );
}

export function meanValueWords({ value }: Compared, currency: string): string | null {
  if (value === null) return null;
  if (value.interval === null || value.difference === null) return notEnough();
  const [low, high] = value.interval.map((one) => money(one, currency));
  const each = money(value.difference, currency);
  return isTold(value)
    ? t(
        `A difference of ${each} a person, between ${low} and ${high}.`,
        `1인당 ${each} 차이, ${low}에서 ${high} 사이.`,
      )
    : t(
        `No difference a person can be told yet: between ${low} and ${high}.`,
        `1인당 차이를 아직 말할 수 없습니다: ${low}에서 ${high} 사이.`,
      );
}

function isTold({ verdict }: Comparison): boolean {
  return verdict === 'higher' || verdict === 'lower';
}

function notEnough(): string {
  return t('Not enough data yet to say anything.', '아직 데이터가 부족해 아무것도 말할 수 없습니다.');
}
