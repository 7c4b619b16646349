/** The draft on what has happened: who would have got what, before anybody receives anything. */
import { useId, useState } from 'preact/hooks';
import type { Trigger } from '../../../../engine/trigger.ts';
import { type ApiFault, call } from '../../api.ts';
import { language, number, t } from '../../language.ts';
import { faultOf } from '../../ui/loaded.ts';
import { Fault } from '../../ui/notice.tsx';
import { type Backtest, type BacktestQuestion, joined } from './backtest.ts';
import { BacktestResult } from './backtest-result.tsx';
import { instantsOf, lastDays } from './past-days.ts';

interface Seen {
  asked: BacktestQuestion;
  answer: Backtest;
}

const SAMPLE = 200;

export function BacktestPanel({ trigger }: { trigger: Trigger }) {
  const [days, setDays] = useState(lastDays);
  const [isEverybody, setIsEverybody] = useState(false);
  const [seen, setSeen] = useState<Seen | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [fault, setFault] = useState<ApiFault | null>(null);

  async function attempt(work: () => Promise<Seen>): Promise<void> {
    setIsBusy(true);
    setFault(null);
    try {
      setSeen(await work());
    } catch (error) {
      setFault(faultOf(error));
    }
    setIsBusy(false);
  }
  const begin = () => {
    setSeen(null);
    return attempt(async () => {
      const asked: BacktestQuestion = { trigger, ...instantsOf(days), sample: isEverybody ? 'all' : SAMPLE };
      return { asked, answer: await ask(asked, null) };
    });
  };
  // What is there stays where the next part fails.
  const goOn = ({ asked, answer }: Seen) =>
    attempt(async () => ({ asked, answer: joined(answer, await ask(asked, answer.cursor)) }));

  return (
    <section class="part" aria-label={t('Backtest', '백테스트')}>
      <h2>{t('On what has happened', '지난 기록으로')}</h2>
      <p class="quiet">
        {t(
          'The recorded events of real people are lived again with this draft. Nothing is sent or stored.',
          '실제 사용자의 지난 이벤트를 이 초안으로 다시 재생합니다. 보내거나 저장하는 것은 없습니다.',
        )}
      </p>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void begin();
        }}
      >
        <div class="grid">
          <Day label={t('From', '시작일')} value={days.from} set={(from) => setDays({ ...days, from })} />
          <Day label={t('To', '종료일')} value={days.to} set={(to) => setDays({ ...days, to })} />
        </div>
        <div class="field">
          <label for="backtest-sample">{t('Of whom', '대상')}</label>
          <select
            id="backtest-sample"
            value={isEverybody ? 'all' : 'sample'}
            onChange={(event) => setIsEverybody(event.currentTarget.value === 'all')}
          >
            <option value="sample">
              {t(
                `A sample of ${number(SAMPLE)}, always the same`,
                `표본 ${number(SAMPLE)}명 (항상 같은 사람들)`,
              )}
            </option>
            <option value="all">{t('Everybody, part by part', '모두 (나누어서)')}</option>
          </select>
        </div>
        <button type="submit" class="main" disabled={isBusy}>
          {t('Run the backtest', '백테스트 실행')}
        </button>
      </form>
      <div aria-live="polite" aria-busy={isBusy ? 'true' : undefined}>
        {isBusy && <p class="quiet">{t('Living it again…', '다시 재생하는 중…')}</p>}
        {seen && seen.asked.trigger !== trigger && (
          <p class="issue">
            {t(
              'The draft has changed since; this is of before.',
              '그 뒤에 초안이 바뀌었습니다. 바뀌기 전의 결과입니다.',
            )}
          </p>
        )}
        {seen && <BacktestResult backtest={seen.answer} />}
      </div>
      <Fault fault={fault} />
      {seen && seen.answer.cursor !== null && (
        <button type="button" onClick={() => void goOn(seen)} disabled={isBusy}>
          {t('Go on with the next people', '다음 사람들로 계속')}
        </button>
      )}
    </section>
  );
}

function Day({ label, value, set }: { label: string; value: string; set(day: string): void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="date"
        required
        value={value}
        max={lastDays().to}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </div>
  );
}

/** The first part, or the one that goes on after `cursor`. Throws an `ApiFault`. */
function ask(question: BacktestQuestion, cursor: string | null): Promise<Backtest> {
  const body = { ...question, ...(cursor !== null && { cursor }) };
  return call<Backtest>('POST', `triggers/backtest?lang=${language.value}`, body);
}
