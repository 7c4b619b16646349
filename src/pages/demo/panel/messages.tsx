/** Each message as its medium would show it. Texts are text nodes, and HTML stays in a frame that can run nothing. */
import type { Delivery } from '../backend.ts';
import { go } from '../route.ts';
import { reflex } from '../visitor.ts';
import { t } from '../words.ts';
import { timeOf } from './live.tsx';
import { deliveries } from './watch.ts';

export function Messages() {
  if (deliveries.value.length === 0) return <p class="empty">{t('noMessages')}</p>;
  return (
    <ol class="deliveries">
      {deliveries.value.map((delivery) => (
        <li key={delivery.id}>
          <p class="event">
            <code>{delivery.trigger}</code>
            <span class="reason open">{delivery.channel}</span>
            <span class="reason good">{delivery.status}</span>
            <time dateTime={delivery.createdAt}>{timeOf(delivery.createdAt)}</time>
          </p>
          <Drawn delivery={delivery} />
        </li>
      ))}
    </ol>
  );
}

function Drawn({ delivery }: { delivery: Delivery }) {
  const { channel, content } = delivery;
  const text = (name: string) => (typeof content?.[name] === 'string' ? content[name] : '');
  switch (channel) {
    case 'push':
    case 'web_push':
      return <Push id={delivery.id} title={text('title')} body={text('body')} link={text('link')} />;
    case 'email':
      return (
        <div class="mail">
          <p>
            <span>{t('from')}</span> {t('shop')}
          </p>
          <p class="subject">{text('subject')}</p>
          {text('html') ? (
            <iframe sandbox="" title={text('subject')} srcdoc={text('html')} />
          ) : (
            <p>{text('text')}</p>
          )}
        </div>
      );
    default:
      return (
        <div class="phone">
          <p class="bubble">
            {text('title') && <strong>{text('title')}</strong>}
            {text('text') || text('body')}
          </p>
        </div>
      );
  }
}

/** A tap on it does what a tap on the phone does: it is counted, and leads to where it links. */
function Push({ id, title, body, link }: { id: string; title: string; body: string; link: string }) {
  return (
    <div class="phone">
      <button
        type="button"
        class="notification"
        onClick={() => {
          reflex.messages.clicked(id);
          go(link);
        }}
      >
        <span class="app">
          <span class="app-icon">E</span>
          {t('shop')}
          <small>{t('now')}</small>
        </span>
        <strong>{title}</strong>
        <span>{body}</span>
      </button>
    </div>
  );
}
