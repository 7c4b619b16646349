/** Why a guardrail has paused a trigger, in a sentence. */
import type { Language } from '../engine/explain/explain-condition.ts';
import type { GuardrailCount } from '../store/guardrails.ts';

export function guardrailWords(
  { reactions, messages, threshold, sinceAt }: GuardrailCount,
  language: Language,
): string {
  const since = new Date(sinceAt).toISOString().slice(0, 10);
  const rate = messages > 0 ? ((reactions / messages) * 1_000).toFixed(1) : '0';
  return language === 'ko'
    ? `${since} 활성화 이후 메시지 ${messages}건 중 ${reactions}건에서 수신자가 하루 안에 수신을 거부하거나 알림을 끄거나 앱을 삭제했습니다. 1,000건당 ${rate}건으로 기준(${threshold}건)을 넘어 자동으로 일시중지되었습니다.`
    : `Since it was activated on ${since}, people opted out, switched notifications off or removed the app within a day after ${reactions} of ${messages} messages: ${rate} per 1,000, which is over its limit of ${threshold}. It has paused itself.`;
}
