import { useState } from 'preact/hooks';
import type { Trigger } from '../../../engine/trigger.ts';
import { type ApiFault, call, read } from '../api.ts';
import { ownFields } from '../documents/own-fields.ts';
import { t, when } from '../language.ts';
import { go, isDirty, linkTo } from '../route.ts';
import { confirm } from '../ui/confirm.tsx';
import { EditingContext } from '../ui/editing.ts';
import { JsonText } from '../ui/json-text.tsx';
import { faultOf, useLoaded } from '../ui/loaded.ts';
import { Fault, Pending, say } from '../ui/notice.tsx';
import { Words } from '../ui/words.tsx';
import { BacktestPanel } from './backtest/backtest-panel.tsx';
import { ShadowPanel } from './backtest/shadow-panel.tsx';
import { BesideChoice, type BesideForm, useBesideForm } from './beside-choice.tsx';
import { activate, checkTrigger, pause } from './change-standing.tsx';
import { sentenceOf } from './describe.ts';
import { GoalsForm } from './goals-form.tsx';
import { IssueList } from './issue-list.tsx';
import { LimitsForm } from './limits-form.tsx';
import { PreviewPanel } from './preview-panel.tsx';
import { StandingBadge } from './standing-badge.tsx';
import { type StoredTrigger, standingOf } from './stored-trigger.ts';
import { useDraft } from './use-draft.ts';
import { WhatForm } from './what-form.tsx';
import { WhenForm } from './when-form.tsx';
import { WhoForm } from './who-form.tsx';

export function TriggerEditor({ id }: { id: string }) {
  const path = `triggers/${encodeURIComponent(id)}`;
  const loaded = useLoaded(() => read<StoredTrigger>(path), path);
  // Here, not in the editor, which saving makes anew.
  const beside = useBesideForm();
  if (!loaded.value) return <Pending of={loaded} />;
  const { document, etag } = loaded.value;
  return <Editor key={etag} stored={document} etag={etag} reload={loaded.reload} beside={beside} />;
}

interface EditorProps {
  stored: StoredTrigger;
  etag: string;
  reload(): void;
  beside: BesideForm;
}

function Editor({ stored, etag, reload, beside }: EditorProps) {
  const draft = useDraft<Trigger>(ownFields(stored), checkTrigger);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const path = `triggers/${encodeURIComponent(stored.id)}`;

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      setFault(null);
      await work();
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  async function store(): Promise<void> {
    await call('PUT', path, draft.document, etag);
    isDirty.value = false;
  }
  const save = () =>
    attempt(async () => {
      await store();
      say(t('The draft is saved.', '초안을 저장했습니다.'));
      reload();
    });
  const publish = () =>
    attempt(async () => {
      if (isDirty.value) await store();
      await activate(draft.document);
      reload();
    });
  const stop = () =>
    attempt(async () => {
      if (await pause(stored)) reload();
    });
  const remove = () =>
    attempt(async () => {
      const isSure = await confirm({
        title: t(`Delete “${stored.id}”?`, `“${stored.id}” 트리거를 삭제할까요?`),
        body: t('It stops at once. Its numbers stay.', '바로 멈춥니다. 통계는 남습니다.'),
        action: t('Delete', '삭제'),
        isDangerous: true,
      });
      if (!isSure) return;
      await call('DELETE', path, undefined, etag);
      go('#/triggers');
    });

  return (
    <EditingContext.Provider value={draft}>
      <div class="head">
        <div>
          <a class="back" href="#/triggers">
            {t('← Triggers', '← 트리거')}
          </a>
          <h1>{draft.document.name ?? stored.id}</h1>
          <p class="quiet row">
            <StandingBadge trigger={stored} /> {t('version', '버전')} {stored.version} ·{' '}
            {when(stored.updatedAt)} · {stored.updatedBy} ·{' '}
            <a href={linkTo('reports', stored.id)}>{t('Report', '성과')}</a>
          </p>
        </div>
        <div class="row">
          <button type="button" onClick={() => void save()} disabled={draft.isLocked || !isDirty.value}>
            {t('Save draft', '초안 저장')}
          </button>
          {standingOf(stored) === 'active' && (
            <button type="button" onClick={() => void stop()}>
              {t('Pause', '멈추기')}
            </button>
          )}
          <button type="button" class="main" onClick={() => void publish()} disabled={draft.isLocked}>
            {t('Activate', '켜기')}
          </button>
        </div>
      </div>
      <p class="sentence">
        <Words text={sentenceSafely(draft.document)} />
      </p>
      <Fault fault={fault} />
      <IssueList
        title={t('Can’t be activated yet', '아직 켤 수 없습니다')}
        issues={draft.issues}
        kind="issue"
      />
      <IssueList title={t('Worth knowing', '알아 둘 점')} issues={draft.warnings} kind="warning" />
      <div class="split">
        <form class="forms" onSubmit={(event) => event.preventDefault()}>
          <WhenForm />
          <WhoForm />
          <WhatForm />
          <LimitsForm />
          <GoalsForm />
        </form>
        <aside>
          <BesideChoice beside={beside} />
          <div hidden={beside.shown !== 'preview'}>
            <PreviewPanel trigger={draft.document} isSaved={!isDirty.value} />
          </div>
          <div hidden={beside.shown !== 'backtest'}>
            <BacktestPanel trigger={draft.document} />
            {beside.shown === 'backtest' && <ShadowPanel stored={stored} draft={draft.document} />}
          </div>
          <div class="part" hidden={beside.shown !== 'json'}>
            <JsonText label={t('The whole document', '문서 전체')} text={draft.text} onText={draft.setText} />
            <button type="button" class="plain danger-text" onClick={() => void remove()}>
              {t('Delete this trigger', '이 트리거 삭제')}
            </button>
          </div>
        </aside>
      </div>
    </EditingContext.Provider>
  );
}

/** A document that is being typed may have any form. */
function sentenceSafely(trigger: Trigger): string {
  try {
    return sentenceOf(trigger);
  } catch {
    return t('This can’t be said in a sentence yet.', '아직 한 문장으로 말할 수 없습니다.');
  }
}
