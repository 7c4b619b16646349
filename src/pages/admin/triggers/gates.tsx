import { t } from '../language.ts';
import { Words } from '../ui/words.tsx';

export interface GateVerdict {
  gate: string;
  verdict: 'passed' | 'failed' | 'not_reached';
  detail: string;
}

const SIGNS = { passed: '✓', failed: '✗', not_reached: '·' } as const;

export function Gates({ reason, gates }: { reason: string; gates: readonly GateVerdict[] }) {
  const word = {
    passed: t('passed', '통과'),
    failed: t('failed', '막힘'),
    not_reached: t('not asked', '묻지 않음'),
  };
  return (
    <>
      <p>
        {t('Answer', '결과')}: <code class="reason">{reason}</code>
      </p>
      <ol class="gates" aria-label={t('Gates', '단계별 판정')}>
        {gates.map(({ gate, verdict, detail }) => (
          <li key={gate} class={verdict}>
            <span aria-hidden="true">{SIGNS[verdict]}</span>
            <span class="unseen">{word[verdict]}: </span>
            <code>{gate}</code> <Words text={detail} />
          </li>
        ))}
      </ol>
    </>
  );
}
