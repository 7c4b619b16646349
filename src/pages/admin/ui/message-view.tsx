/** A message as its reader will see it. In-app ones are drawn by the SDK's own renderer. */
import { useEffect, useRef } from 'preact/hooks';
import { draw } from '../../../sdk/render/draw.ts';
import { styledRoot } from '../../../sdk/render/styles.ts';
import type { Content, Message } from '../../../sdk/types.ts';
import { t } from '../language.ts';
import { SafeFrame } from './safe-frame.tsx';

export interface Rendered {
  channel: string;
  layout?: string | null;
  content: { [field: string]: unknown };
}

export function MessageView({ message }: { message: Rendered }) {
  const { channel, content } = message;
  const text = (name: string) => (typeof content[name] === 'string' ? (content[name] as string) : '');
  if (channel === 'in_app' || channel === 'card') return <InApp message={message} />;
  if (channel === 'push' || channel === 'web_push') {
    return (
      <div class="phone lock">
        <div class="push">
          <span class="push-icon" aria-hidden="true" />
          <div>
            <strong>{text('title')}</strong>
            <p>{text('body')}</p>
            {text('link') && <p class="quiet">→ {text('link')}</p>}
          </div>
        </div>
      </div>
    );
  }
  if (channel === 'email') {
    return (
      <div class="mail">
        <p class="mail-subject">{text('subject')}</p>
        <SafeFrame html={text('html')} title={text('subject')} />
      </div>
    );
  }
  if (channel === 'webhook' || channel === 'whatsapp') {
    return <pre class="code box">{JSON.stringify(content, null, 2)}</pre>;
  }
  return (
    <div class="phone chat">
      <div class={`bubble ${channel.startsWith('kakao') ? 'kakao' : ''}`}>
        {text('title') && <strong>{text('title')}</strong>}
        <p>{text('text')}</p>
      </div>
    </div>
  );
}

/** Inside a stage as large as a phone, where the SDK would take the whole window. */
const STAGE = `dialog.m{width:min(26rem,calc(100% - 2rem));max-height:calc(100% - 2rem)}
.fullscreen.m{width:100%!important;height:100%;max-height:none}.m{animation:none}`;

const NOTHING = {
  locale: null,
  title: null,
  body: null,
  image: null,
  buttons: [],
  html: null,
} satisfies Content;

function InApp({ message: { channel, layout, content } }: { message: Rendered }) {
  const stage = useRef<HTMLDivElement>(null);
  const drawn = JSON.stringify([channel, layout, content]);
  useEffect(() => {
    const host = document.createElement('div');
    const root = styledRoot(host);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STAGE);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    const box = draw(asMessage(channel, layout, content), { act() {}, clicked() {}, dismiss() {} });
    // Open, but not modal: the form beside it stays in use.
    box.setAttribute('open', '');
    root.append(box);
    stage.current?.replaceChildren(host);
  }, [drawn]);
  return (
    <div
      ref={stage}
      class={`phone ${layout === 'card' || channel === 'card' ? 'cards' : ''}`}
      role="img"
      aria-label={t('The message as it will look', '메시지가 보이는 모습')}
      inert
    />
  );
}

function asMessage(channel: string, layout: Rendered['layout'], content: Rendered['content']): Message {
  return {
    id: 'preview',
    trigger: '',
    version: 0,
    variant: null,
    channel: channel as Message['channel'],
    surface: 'default',
    layout: (layout ?? (channel === 'card' ? 'card' : 'modal')) as Message['layout'],
    priority: 50,
    createdAt: '',
    expiresAt: '',
    content: { ...NOTHING, ...content } as Content,
  };
}
