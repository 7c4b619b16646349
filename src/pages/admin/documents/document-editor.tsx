import { useState } from 'preact/hooks';
import { ApiFault, call, read } from '../api.ts';
import { t } from '../language.ts';
import { go, isDirty } from '../route.ts';
import { confirm } from '../ui/confirm.tsx';
import { JsonText, parsedObject, pretty } from '../ui/json-text.tsx';
import { faultOf, useLoaded } from '../ui/loaded.ts';
import { Fault, Pending, say } from '../ui/notice.tsx';
import { about, type Kind } from './kinds.ts';
import { ownFields } from './own-fields.ts';

interface Stored {
  hasSecret?: boolean;
  health?: object;
}

interface Opened {
  text: string;
  etag: string;
  hasSecret: boolean;
  health: object | undefined;
}

export function DocumentEditor({ kind, id }: { kind: Kind; id: string }) {
  const path = `${kind}/${encodeURIComponent(id)}`;
  const loaded = useLoaded(() => open(kind, id), path);
  if (!loaded.value) return <Pending of={loaded} />;
  return <Editor key={loaded.value.etag} kind={kind} id={id} opened={loaded.value} reload={loaded.reload} />;
}

/** A document that isn't there yet is opened as what it could be. */
async function open(kind: Kind, id: string): Promise<Opened> {
  try {
    const { document, etag } = await read<Stored>(`${kind}/${encodeURIComponent(id)}`);
    return {
      text: pretty(ownFields(document)),
      etag,
      hasSecret: document.hasSecret === true,
      health: document.health,
    };
  } catch (error) {
    if (!(error instanceof ApiFault) || error.status !== 404) throw error;
    return { text: pretty(about(kind).beginning(id)), etag: '', hasSecret: false, health: undefined };
  }
}

function Editor({ kind, id, opened, reload }: { kind: Kind; id: string; opened: Opened; reload(): void }) {
  const [text, setText] = useState(opened.text);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const path = `${kind}/${encodeURIComponent(id)}`;
  const document = parsedObject(text);

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault();
    if (!document) return;
    const secret = new FormData(event.currentTarget).get('secret');
    try {
      setFault(null);
      await call('PUT', path, { ...document, ...(secret ? { secret } : {}) }, opened.etag);
      isDirty.value = false;
      say(t('Saved; in force within ten seconds.', '저장했습니다. 10초 안에 적용됩니다.'));
      reload();
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  async function remove(): Promise<void> {
    const isSure = await confirm({
      title: t(`Delete “${id}”?`, `“${id}”을(를) 삭제할까요?`),
      body: t('What still uses it keeps it from being deleted.', '쓰이고 있으면 삭제되지 않습니다.'),
      action: t('Delete', '삭제'),
      isDangerous: true,
    });
    if (!isSure) return;
    try {
      await call('DELETE', path, undefined, opened.etag);
      go(`#/${kind}`);
    } catch (error) {
      setFault(faultOf(error));
    }
  }
  return (
    <form onSubmit={submit} class="narrow">
      <div class="head">
        <div>
          <a class="back" href={`#/${kind}`}>
            ← {about(kind).title}
          </a>
          <h1>{id}</h1>
        </div>
        <button type="submit" class="main" disabled={!document}>
          {t('Save', '저장')}
        </button>
      </div>
      <Fault fault={fault} />
      {opened.health && <pre class="box code">{pretty(opened.health)}</pre>}
      <JsonText
        label={t('Document', '문서')}
        text={text}
        onText={(next) => {
          isDirty.value = true;
          setText(next);
        }}
      />
      {kind === 'channels' && <Secret isStored={opened.hasSecret} />}
      {opened.etag && (
        <button type="button" class="plain danger-text" onClick={() => void remove()}>
          {t('Delete', '삭제')}
        </button>
      )}
    </form>
  );
}

function Secret({ isStored }: { isStored: boolean }) {
  return (
    <div class="field">
      <label for="secret">{t('Secret', '비밀 값')}</label>
      <input id="secret" name="secret" type="password" autocomplete="off" />
      <p class="hint">
        {isStored
          ? t(
              'One is stored, and can’t be read. Leave this empty to keep it.',
              '저장된 값이 있으며 볼 수 없습니다. 비워 두면 그대로 유지됩니다.',
            )
          : t('None is stored.', '저장된 값이 없습니다.')}
      </p>
    </div>
  );
}
