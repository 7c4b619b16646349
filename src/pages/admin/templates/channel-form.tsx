import type { Channel } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField, TextField } from '../ui/fields.tsx';

interface Props {
  channel: Channel;
  path: string;
}

/** The fields of one channel's text. Channels whose form is the provider's are edited as JSON. */
export function ChannelForm({ channel, path }: Props) {
  return (
    <fieldset class="part" data-path={path} tabIndex={-1}>
      <legend>{t('Text', '문구')}</legend>
      <Fields channel={channel} path={path} />
      <p class="hint">
        {t(
          'Values: {{item.title}}, {{user.traits.name}}, {{#money}}item.price{{/money}}',
          '값: {{item.title}}, {{user.traits.name}}, {{#money}}item.price{{/money}}',
        )}
      </p>
    </fieldset>
  );
}

function Fields({ channel, path }: Props) {
  switch (channel) {
    case 'in_app':
    case 'card':
      return (
        <>
          <ChoiceField
            path={`${path}.layout`}
            label={t('Layout', '모양')}
            choices={[
              ['', '–'],
              ['modal', t('dialog', '대화 상자')],
              ['slideup', t('slide-up', '슬라이드업')],
              ['banner', t('banner', '배너')],
              ['fullscreen', t('full screen', '전체 화면')],
              ['card', t('card', '카드')],
              ['html', t('own HTML', '직접 쓴 HTML')],
            ]}
          />
          <TextField path={`${path}.title`} label={t('Title', '제목')} />
          <TextField path={`${path}.body`} label={t('Text', '내용')} isLong />
          <TextField path={`${path}.image.url`} label={t('Picture (address)', '이미지 주소')} />
          <Buttons path={`${path}.buttons`} />
          <TextField
            path={`${path}.html`}
            label="HTML"
            isLong
            hint={t('Only for the layout “own HTML”', '모양이 “직접 쓴 HTML”일 때만')}
          />
        </>
      );
    case 'push':
    case 'web_push':
      return (
        <>
          <TextField path={`${path}.title`} label={t('Title', '제목')} />
          <TextField path={`${path}.body`} label={t('Text', '내용')} isLong />
          <TextField path={`${path}.link`} label={t('Opens', '여는 주소')} />
          <TextField path={`${path}.imageUrl`} label={t('Picture (address)', '이미지 주소')} />
        </>
      );
    case 'email':
      return (
        <>
          <TextField path={`${path}.subject`} label={t('Subject', '제목')} />
          <TextField path={`${path}.html`} label="HTML" isLong />
          <TextField path={`${path}.text`} label={t('Plain text', '일반 텍스트')} isLong />
        </>
      );
    case 'sms':
    case 'line':
      return <TextField path={`${path}.text`} label={t('Text', '내용')} isLong />;
    case 'lms':
      return (
        <>
          <TextField path={`${path}.title`} label={t('Title', '제목')} />
          <TextField path={`${path}.text`} label={t('Text', '내용')} isLong />
        </>
      );
    default:
      return (
        <p class="quiet">
          {t(
            'This channel’s fields are the provider’s: edit them in JSON.',
            '이 채널의 항목은 발송사마다 달라 JSON에서 고칩니다.',
          )}
        </p>
      );
  }
}

interface Button {
  id: string;
  text: string;
  action: { type: string; url?: string };
}

const MOST_BUTTONS = 5;

function Buttons({ path }: { path: string }) {
  const { value, set, isLocked } = usePlace<Button[]>(path);
  const buttons = Array.isArray(value) ? value : [];
  return (
    <>
      {buttons.map((button, index) => (
        <div class="box" key={index}>
          <div class="grid">
            <TextField path={`${path}.${index}.text`} label={t('Button', '버튼')} isRequired />
            {button.action?.type === 'open' && (
              <TextField path={`${path}.${index}.action.url`} label={t('Opens', '여는 주소')} isRequired />
            )}
          </div>
          <button
            type="button"
            class="plain"
            onClick={() => set(buttons.length === 1 ? undefined : buttons.filter((_, at) => at !== index))}
          >
            {t('Remove', '빼기')}
          </button>
        </div>
      ))}
      <button
        type="button"
        class="plain"
        disabled={isLocked || buttons.length >= MOST_BUTTONS}
        onClick={() =>
          set([
            ...buttons,
            {
              id: `button-${buttons.length + 1}`,
              text: t('Open', '열기'),
              action: { type: 'open', url: '/' },
            },
          ])
        }
      >
        {t('+ button', '+ 버튼')}
      </button>
    </>
  );
}
