import { REASON_WORDS } from '../../../engine/explain/reason-words.ts';
import { language } from '../language.ts';
import { Words } from './words.tsx';

/** A reason in words, with its code where a developer looks for it. A code of a newer build is told as it is. */
export function ReasonWords({ reason }: { reason: string }) {
  const known = Object.hasOwn(REASON_WORDS, reason)
    ? REASON_WORDS[reason as keyof typeof REASON_WORDS]
    : null;
  return <span title={reason}>{known ? <Words text={known[language.value]} /> : <code>{reason}</code>}</span>;
}
