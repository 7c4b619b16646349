/** A trigger in one sentence, made from its document: what will happen to whom, when, and how often. */
import { conditionWords } from '../../../engine/explain/explain-condition.ts';
import type { Condition, Reeligibility, Trigger } from '../../../engine/trigger.ts';
import { language, t } from '../language.ts';
import { channelWord } from './channel-words.ts';
import { onWords } from './describe-on.ts';

export function sentenceOf(trigger: Trigger): string {
  const when = trigger.entry.on.map((on) => onWords(on)).join(t(', or ', ' 또는 '));
  const who = trigger.entry.if ? whoWords(trigger.entry.if) : '';
  const what = whatWords(trigger);
  const often = oftenWords(trigger.reeligibility);
  const audience =
    who === '' ? t('everybody', '모든 사람') : t(`those with ${who}`, `조건(${who})에 맞는 사람`);
  return t(
    `When ${when}, ${audience} will get ${what}; ${often}.`,
    `${when}, ${audience}에게 ${what}을(를) 보냅니다. ${often}.`,
  );
}

export function whoWords(condition: Condition): string {
  if ('all' in condition) return condition.all.map(whoWords).join(t(' and ', ', 그리고 '));
  if ('any' in condition) return `(${condition.any.map(whoWords).join(t(' or ', ' 또는 '))})`;
  if ('not' in condition) return t(`not (${whoWords(condition.not)})`, `(${whoWords(condition.not)}) 아님`);
  return conditionWords(condition, language.value);
}

function whatWords({ steps }: Trigger): string {
  const sends = steps.flatMap((step) => ('send' in step ? [step.send] : []));
  if (sends.length === 0) return t('nothing (no send step)', '아무것도(발송 단계 없음)');
  const channels = [...new Set(sends.flatMap((send) => send.channels))].map(channelWord).join(', ');
  const templates = [...new Set(sends.map((send) => send.template))].map((id) => `\`${id}\``).join(', ');
  const waits = steps.flatMap((step) => ('wait' in step && typeof step.wait === 'string' ? [step.wait] : []));
  const after = waits.length > 0 ? t(` after ${waits.join(' + ')}`, ` ${waits.join(' + ')} 뒤`) : '';
  return t(`${templates} by ${channels}${after}`, `${channels}로${after} ${templates}`);
}

function oftenWords({ mode, after, per, max }: Reeligibility): string {
  const most = max === undefined ? '' : t(`, at most ${max} times`, `, 최대 ${max}회`);
  const of = per === 'key' ? t(' for each key', ' 키마다') : '';
  if (mode === 'never') return t(`once${of} and never again`, `${of} 한 번만`.trim());
  if (mode === 'always') return t(`every time${of}${most}`, `매번${of}${most}`);
  const pause =
    after === 'session'
      ? t('in the next session', '다음 세션에')
      : t(`after ${after ?? '?'}`, `${after ?? '?'} 뒤에`);
  return t(`again${of} ${pause} at the earliest${most}`, `${of} 빨라도 ${pause} 다시${most}`.trim());
}
