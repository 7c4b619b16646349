/** Turning a trigger on and off: asked first, in a sentence that says what will happen to whom. */
import type { Trigger } from '../../../engine/trigger.ts';
import { call, type Issue } from '../api.ts';
import { t } from '../language.ts';
import { confirm } from '../ui/confirm.tsx';
import { say } from '../ui/notice.tsx';
import { Words } from '../ui/words.tsx';
import { sentenceOf } from './describe.ts';
import { IssueList } from './issue-list.tsx';
import type { StoredTrigger } from './stored-trigger.ts';

interface Checked {
  issues: Issue[];
  warnings: Issue[];
}

export function checkTrigger(trigger: unknown): Promise<Checked> {
  return call<Checked>('POST', 'triggers/check', trigger);
}

/** Resolves to whether it is active now. Throws what the API refuses. */
export async function activate(trigger: Trigger): Promise<boolean> {
  const { issues, warnings } = await checkTrigger(trigger);
  const isSure = await confirm({
    title: t(`Activate “${trigger.name ?? trigger.id}”?`, `“${trigger.name ?? trigger.id}” 트리거를 켤까요?`),
    body: (
      <>
        <p class="sentence">
          <Words text={sentenceOf(trigger)} />
        </p>
        <p class="quiet">{t('In force everywhere within ten seconds.', '10초 안에 모든 곳에 적용됩니다.')}</p>
        <IssueList
          title={t('This will be refused', '이대로는 켤 수 없습니다')}
          issues={issues}
          kind="issue"
        />
        <IssueList title={t('Before you do', '켜기 전에')} issues={warnings} kind="warning" />
      </>
    ),
    action: t('Activate', '켜기'),
  });
  if (!isSure) return false;
  await call('POST', `triggers/${encodeURIComponent(trigger.id)}/activate`);
  say(t('It is active.', '켜졌습니다.'));
  return true;
}

/** Resolves to whether it is paused now. */
export async function pause(trigger: StoredTrigger): Promise<boolean> {
  const isSure = await confirm({
    title: t(`Pause “${trigger.name ?? trigger.id}”?`, `“${trigger.name ?? trigger.id}” 트리거를 멈출까요?`),
    body: (
      <p class="sentence">
        {t(
          'Within ten seconds nobody gets it any more: nothing new, nothing that is queued, and it leaves open pages.',
          '10초 안에 아무도 받지 않게 됩니다. 새로 보내지 않고, 대기 중인 것도 나가지 않으며, 열린 화면에서도 사라집니다.',
        )}
      </p>
    ),
    action: t('Pause', '멈추기'),
    isDangerous: true,
  });
  if (!isSure) return false;
  await call('POST', `triggers/${encodeURIComponent(trigger.id)}/pause`);
  say(t('It is paused.', '멈췄습니다.'));
  return true;
}
