import { useEffect, useState } from 'preact/hooks';
import type { Template } from '../../../engine/documents.ts';
import { CHANNELS, type Channel } from '../../../engine/trigger.ts';
import { type ApiFault, call, read } from '../api.ts';
import { ownFields } from '../documents/own-fields.ts';
import { t } from '../language.ts';
import { isDirty } from '../route.ts';
import { channelWord } from '../triggers/channel-words.ts';
import { IssueList } from '../triggers/issue-list.tsx';
import { useDraft } from '../triggers/use-draft.ts';
import { EditingContext } from '../ui/editing.ts';
import { JsonText } from '../ui/json-text.tsx';
import { faultOf, useLoaded } from '../ui/loaded.ts';
import { MessageView, type Rendered } from '../ui/message-view.tsx';
import { Fault, Pending, say } from '../ui/notice.tsx';
import { ChannelForm } from './channel-form.tsx';
import { renderTemplate } from './render-template.ts';
import { type Samples, sampleValues } from './sample-values.ts';

export function TemplateEditor({ id }: { id: string }) {
  const path = `templates/${encodeURIComponent(id)}`;
  const loaded = useLoaded(() => read<Template>(path), path);
  if (!loaded.value) return <Pending of={loaded} />;
  const { document, etag } = loaded.value;
  return <Editor key={etag} stored={ownFields(document)} etag={etag} reload={loaded.reload} />;
}

/** The server judges a template when it renders it: see `useRendered`. */
const unchecked = async () => ({ issues: [], warnings: [] });

function Editor({ stored, etag, reload }: { stored: Template; etag: string; reload(): void }) {
  const draft = useDraft<Template>(stored, unchecked);
  const { document } = draft;
  const locales = Object.keys(document.locales ?? {});
  const [locale, setLocale] = useState(stored.defaultLocale);
  const content = document.locales?.[locale] ?? {};
  const [channel, setChannel] = useState<Channel>(
    () => CHANNELS.find((one) => one in (stored.locales[stored.defaultLocale] ?? {})) ?? 'in_app',
  );
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [samples, setSamples] = useState<Samples>({});
  const isWritten = channel in content;
  const view = useRendered(document, isWritten ? channel : null, locale, samples);

  async function save(): Promise<void> {
    try {
      setFault(null);
      await call('PUT', `templates/${encodeURIComponent(stored.id)}`, document, etag);
      isDirty.value = false;
      say(t('Saved; in force within ten seconds.', '저장했습니다. 10초 안에 적용됩니다.'));
      reload();
    } catch (error) {
      setFault(faultOf(error));
    }
  }

  return (
    <EditingContext.Provider value={{ ...draft, issues: view.fault?.issues ?? [] }}>
      <div class="head">
        <div>
          <a class="back" href="#/templates">
            {t('← Templates', '← 템플릿')}
          </a>
          <h1>{stored.id}</h1>
        </div>
        <button type="button" class="main" disabled={draft.isLocked} onClick={() => void save()}>
          {t('Save', '저장')}
        </button>
      </div>
      <Fault fault={fault} />
      <div class="row tabs">
        <Tabs
          label={t('Language', '언어')}
          all={locales}
          chosen={locale}
          choose={setLocale}
          word={(one) => one}
        />
        <Tabs
          label={t('Channel', '채널')}
          all={CHANNELS.filter((one) => one in content || one === channel)}
          chosen={channel}
          choose={(one) => setChannel(one as Channel)}
          word={(one) => channelWord(one as Channel)}
        />
        <select
          aria-label={t('Add a channel', '채널 추가')}
          value=""
          onChange={(event) => setChannel(event.currentTarget.value as Channel)}
        >
          <option value="">{t('+ channel', '+ 채널')}</option>
          {CHANNELS.filter((one) => !(one in content)).map((one) => (
            <option key={one} value={one}>
              {channelWord(one)}
            </option>
          ))}
        </select>
      </div>
      <div class="split">
        <form class="forms" onSubmit={(event) => event.preventDefault()}>
          <ChannelForm channel={channel} path={`locales.${locale}.${channel}`} />
          <details>
            <summary>JSON</summary>
            <JsonText label={t('The whole document', '문서 전체')} text={draft.text} onText={draft.setText} />
          </details>
        </form>
        <aside>
          <section class="part preview" aria-label={t('Preview', '미리 보기')}>
            <h2>
              {t('Preview', '미리 보기')} · {channelWord(channel)} · {locale}
            </h2>
            {view.message && <MessageView message={view.message} />}
            <IssueList
              title={t('Can’t be sent like this', '이대로는 보낼 수 없습니다')}
              issues={view.fault?.issues ?? []}
              kind="issue"
            />
            {view.fault && view.fault.issues.length === 0 && <Fault fault={view.fault} />}
            <SampleForm samples={{ ...sampleValues(content), ...samples }} set={setSamples} />
          </section>
        </aside>
      </div>
    </EditingContext.Provider>
  );
}

interface TabsProps {
  label: string;
  all: readonly string[];
  chosen: string;
  choose(one: string): void;
  word(one: string): string;
}

function Tabs({ label, all, chosen, choose, word }: TabsProps) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {all.map((one) => (
        <button key={one} type="button" aria-pressed={one === chosen} onClick={() => choose(one)}>
          {word(one)}
        </button>
      ))}
    </fieldset>
  );
}

function SampleForm({ samples, set }: { samples: Samples; set(samples: Samples): void }) {
  const entries = Object.entries(samples);
  if (entries.length === 0) return null;
  return (
    <details>
      <summary>{t('Sample values', '예시 값')}</summary>
      {entries.map(([path, value]) => (
        <div class="field" key={path}>
          <label for={`sample-${path}`}>
            <code>{path}</code>
          </label>
          <input
            id={`sample-${path}`}
            value={value}
            onInput={({ currentTarget }) => {
              const given = currentTarget.value;
              set({ ...samples, [path]: typeof value === 'number' ? Number(given) || 0 : given || '-' });
            }}
          />
        </div>
      ))}
    </details>
  );
}

const RENDER_AFTER_MS = 350;

function useRendered(template: Template, channel: Channel | null, locale: string, samples: Samples) {
  const [view, setView] = useState<{ message: Rendered | null; fault: ApiFault | null }>({
    message: null,
    fault: null,
  });
  const asked = JSON.stringify([template, channel, locale, samples]);
  useEffect(() => {
    if (!channel) return setView({ message: null, fault: null });
    let isCurrent = true;
    const timer = setTimeout(() => {
      renderTemplate(template, channel, locale, { ...sampleValues(template), ...samples })
        .then((message) => isCurrent && setView({ message, fault: null }))
        .catch((error) => isCurrent && setView((before) => ({ ...before, fault: faultOf(error) })));
    }, RENDER_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [asked]);
  return view;
}
