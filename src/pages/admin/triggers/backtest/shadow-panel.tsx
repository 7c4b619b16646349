/** The draft on what happens from now on: started, looked at and stopped here. */
import { useState } from 'preact/hooks';
import type { Trigger } from '../../../../engine/trigger.ts';
import { type ApiFault, call } from '../../api.ts';
import { ownFields } from '../../documents/own-fields.ts';
import { t, when } from '../../language.ts';
import { confirm } from '../../ui/confirm.tsx';
import { faultOf, useLoaded } from '../../ui/loaded.ts';
import { Fault, Pending, say } from '../../ui/notice.tsx';
import { Words } from '../../ui/words.tsx';
import { sentenceOf } from '../describe.ts';
import type { StoredTrigger } from '../stored-trigger.ts';
import { canStandInShadow, readShadowReport, type ShadowReport } from './shadow.ts';
import { ShadowDiff } from './shadow-diff.tsx';

interface Props {
  stored: StoredTrigger;
  /** As it stands on the page; the server puts in shadow what it has stored. */
  draft: Trigger;
}

export function ShadowPanel({ stored, draft }: Props) {
  // Within an object: that nothing stands in shadow is an answer, too.
  const loaded = useLoaded(async () => ({ report: await readShadowReport(stored.id) }), stored.id);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const change = async (work: (trigger: StoredTrigger) => Promise<boolean>) => {
    try {
      setFault(null);
      if (await work(stored)) loaded.reload();
    } catch (error) {
      setFault(faultOf(error));
    }
  };
  const report = loaded.value?.report ?? null;
  const canStart = canStandInShadow(stored);
  const isSaved = JSON.stringify(draft) === JSON.stringify(ownFields(stored));
  if (loaded.value && !report && !canStart) return null;
  return (
    <section class="part" aria-label={t('Shadow', '섀도')}>
      <h2>{t('On what happens from now on', '지금부터 일어나는 일로')}</h2>
      {!loaded.value && <Pending of={loaded} />}
      {report && <Standing report={report} stored={stored} />}
      {loaded.value && !report && (
        <p class="quiet">
          {t(
            'In shadow the draft decides on every event beside the live version, and sends nothing.',
            '섀도에서는 초안이 지금 버전과 나란히 모든 이벤트를 판단하지만 아무것도 보내지 않습니다.',
          )}
        </p>
      )}
      <Fault fault={fault} />
      <div class="row">
        {loaded.value && canStart && (
          <button type="button" onClick={() => void change(start)} disabled={!isSaved}>
            {report ? t('Start anew', '다시 시작') : t('Start in shadow', '섀도로 시작')}
          </button>
        )}
        {report && (
          <>
            <button type="button" onClick={() => void change(stop)}>
              {t('Stop', '끝내기')}
            </button>
            <button type="button" class="plain" onClick={loaded.reload}>
              {t('Look again', '새로고침')}
            </button>
          </>
        )}
      </div>
      {canStart && !isSaved && <p class="hint">{t('Save the draft first.', '초안을 먼저 저장하세요.')}</p>}
    </section>
  );
}

function Standing({ report, stored }: { report: ShadowReport; stored: StoredTrigger }) {
  const since = when(report.since);
  return (
    <>
      <p>
        {t(
          `Version ${report.version} has stood in shadow since ${since}. It sends nothing.`,
          `${since}부터 버전 ${report.version}이 섀도로 판단하고 있습니다. 아무것도 보내지 않습니다.`,
        )}
      </p>
      {stored.updatedAt > report.since && (
        <p class="issue">
          {t(
            'The trigger was changed after that; in shadow stands the draft as it was before.',
            '그 뒤에 트리거가 바뀌었습니다. 섀도에는 바뀌기 전의 초안이 있습니다.',
          )}
        </p>
      )}
      <ShadowDiff report={report} />
    </>
  );
}

async function start(trigger: StoredTrigger): Promise<boolean> {
  const name = trigger.name ?? trigger.id;
  const isSure = await confirm({
    title: t(`Start “${name}” in shadow?`, `“${name}” 초안을 섀도로 시작할까요?`),
    body: (
      <>
        <p class="sentence">
          <Words text={sentenceOf(trigger)} />
        </p>
        <p>
          {t(
            'Nothing of this is sent to anybody: it is only counted who would have got it, from now on. What is live goes on as it is.',
            '누구에게도 보내지 않습니다. 지금부터 누가 받았을지 세기만 하고, 켜져 있는 것은 그대로 동작합니다.',
          )}
        </p>
      </>
    ),
    action: t('Start in shadow', '섀도로 시작'),
  });
  if (!isSure) return false;
  await call('POST', pathOf(trigger));
  say(t('It stands in shadow.', '섀도로 시작했습니다.'));
  return true;
}

async function stop(trigger: StoredTrigger): Promise<boolean> {
  const isSure = await confirm({
    title: t('End the shadow?', '섀도를 끝낼까요?'),
    body: t(
      'Its report ends with it; the draft and what is live stay as they are.',
      '비교 보고서도 함께 끝납니다. 초안과 켜져 있는 것은 그대로입니다.',
    ),
    action: t('End it', '끝내기'),
    isDangerous: true,
  });
  if (!isSure) return false;
  await call('DELETE', pathOf(trigger));
  say(t('The shadow has ended.', '섀도를 끝냈습니다.'));
  return true;
}

function pathOf({ id }: StoredTrigger): string {
  return `triggers/${encodeURIComponent(id)}/shadow`;
}
