import { number, t, when } from '../language.ts';
import { Words } from '../ui/words.tsx';
import type { GuardrailReport } from './report-types.ts';

export function GuardrailPart({ guardrail }: { guardrail: GuardrailReport | null }) {
  const { why, pausedAt, threshold, sinceAt, messages = 0, reactions = 0 } = guardrail ?? {};
  return (
    <section class="part">
      <h2>{t('Guardrail', '안전장치')}</h2>
      {why && (
        <p class="issues warning">
          {why} ({when(pausedAt)})
        </p>
      )}
      <p>
        {threshold === undefined ? (
          <Words
            text={t(
              'None: transactional messages have one only where the policy `guardrails` names them.',
              '없음: 정보성 메시지는 `guardrails` 정책에 지정된 경우에만 적용됩니다.',
            )}
          />
        ) : (
          t(
            `People left after ${number(reactions)} of ${number(messages)} messages since ${when(sinceAt)}. It pauses itself when more than ${number(threshold)} per 1,000 is certain.`,
            `${when(sinceAt)} 이후 메시지 ${number(messages)}건 중 ${number(reactions)}건에서 이탈이 있었습니다. 1,000건당 ${number(threshold)}건을 넘는 것이 확실해지면 스스로 멈춥니다.`,
          )
        )}
      </p>
    </section>
  );
}
