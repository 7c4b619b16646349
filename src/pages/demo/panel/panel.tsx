import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../icon.tsx';
import { closed } from '../offers.ts';
import { t, type Word } from '../words.ts';
import { Live } from './live.tsx';
import { Messages } from './messages.tsx';
import { Owner } from './owner.tsx';
import { deliveries, panelIsOpen, watch } from './watch.ts';

const TABS = [
  { id: 'live', Body: Live, help: 'liveHelp' },
  { id: 'messages', Body: Messages, help: 'messagesHelp' },
  { id: 'owner', Body: Owner, help: 'ownerHelp' },
] as const satisfies { id: Word; help: Word; Body: unknown }[];

const chosen = signal<(typeof TABS)[number]['id']>('live');

export function Panel() {
  useEffect(() => watch(), []);
  if (!panelIsOpen.value)
    return (
      <button
        type="button"
        class="open-panel"
        onClick={() => {
          panelIsOpen.value = true;
        }}
      >
        <Icon name="pulse" />
        {t('openPanel')}
      </button>
    );
  const tab = TABS.find(({ id }) => id === chosen.value) ?? TABS[0];
  return (
    <aside class="panel" aria-label={t('panel')}>
      <div class="panel-head">
        <h2>
          <Icon name="pulse" />
          {t('panel')}
        </h2>
        <button
          type="button"
          class="x"
          aria-label={t('close')}
          onClick={() => {
            panelIsOpen.value = false;
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      <Tabs />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so from the keyboard too */}
      <div class="panel-body" role="tabpanel" aria-labelledby={`tab-${tab.id}`} tabIndex={0}>
        <p class="help">{t(tab.help)}</p>
        {closed.value === 'offline' && <p class="warning">{t('offline')}</p>}
        <tab.Body />
      </div>
    </aside>
  );
}

function Tabs() {
  const sent = deliveries.value.length;
  const move = (step: number) => {
    const at = TABS.findIndex(({ id }) => id === chosen.value);
    const next = TABS.at((at + step) % TABS.length) ?? TABS[0];
    chosen.value = next.id;
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label={t('panel')}
      onKeyDown={({ key }) => {
        if (key === 'ArrowRight') move(1);
        if (key === 'ArrowLeft') move(-1);
      }}
    >
      {TABS.map(({ id }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === chosen.value}
          tabIndex={id === chosen.value ? 0 : -1}
          onClick={() => {
            chosen.value = id;
          }}
        >
          {t(id)}
          {id === 'messages' && sent > 0 && <span class="count">{sent}</span>}
        </button>
      ))}
    </div>
  );
}
