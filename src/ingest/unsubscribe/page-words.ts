/** What the page says, in both languages. What people agree to stands here: see `TEXT_VERSION`. */
import type { LinkLanguage } from '../../engine/send/links/unsubscribe-link.ts';
import type { Change } from './changes.ts';
import type { AskedChannel, Purpose, Standing } from './ledger.ts';

export interface Words {
  title: string;
  intro: string;
  /** What is agreed to or refused, within a sentence. */
  subject(channel: AskedChannel, purpose: Purpose): string;
  /** The same as a heading. */
  heading(subject: string): string;
  agree(subject: string): string;
  refuse(subject: string): string;
  stands(standing: Standing | null, date: string): string;
  stopHeading(subject: string): string;
  stopText(subject: string): string;
  result: string;
  became(subject: string, granted: boolean): string;
  at: string;
  sender: string;
  unchanged: string;
  preferences: string;
  everythingText: string;
  everything: string;
  otherLanguage: { code: LinkLanguage; name: string };
  nobody: string;
  unknownLink: { title: string; text: string };
  unclear: { title: string; text: string };
  tooLarge: { title: string; text: string };
  later: { title: string; text: string };
}

const CHANNELS: Record<LinkLanguage, Record<AskedChannel, string>> = {
  ko: {
    email: '이메일',
    push: '앱 푸시',
    web_push: '웹 푸시',
    sms: '문자(SMS·LMS)',
    kakao: '카카오톡',
    line: '라인',
    whatsapp: '왓츠앱',
  },
  en: {
    email: 'e-mail',
    push: 'app notification',
    web_push: 'browser notification',
    sms: 'text message',
    kakao: 'KakaoTalk',
    line: 'LINE',
    whatsapp: 'WhatsApp',
  },
};

export const WORDS: Record<LinkLanguage, Words> = {
  ko: {
    title: '광고 수신 설정',
    intro:
      '어떤 광고성 정보를 받을지 이 페이지에서 정하실 수 있습니다. 로그인은 필요하지 않으며, 비용은 들지 않습니다.',
    subject: (channel, purpose) =>
      `${CHANNELS.ko[channel]} ${purpose === 'marketing' ? '광고 수신' : '야간(21시~8시) 광고 수신'}`,
    heading: (subject) => subject,
    agree: (subject) => `${subject} 동의`,
    refuse: (subject) => `${subject} 거부`,
    stands: (standing, date) =>
      standing === null
        ? '동의하신 적이 없습니다.'
        : standing.granted
          ? `동의함 (${date})`
          : `거부함 (${date})`,
    stopHeading: (subject) => `${subject} 거부`,
    stopText: (subject) => `아래 버튼을 누르시면 ${subject} 거부가 바로 처리됩니다.`,
    result: '처리되었습니다',
    became: (subject, granted) => `${subject}: ${granted ? '동의' : '거부'} 처리 완료`,
    at: '처리 일시',
    sender: '전송자',
    unchanged: '이미 그렇게 설정되어 있어 바뀐 것이 없습니다.',
    preferences: '매체별 설정',
    everythingText: '동의하신 모든 광고성 정보의 수신을 한 번에 거부합니다.',
    everything: '모든 광고 수신 거부',
    otherLanguage: { code: 'en', name: 'English' },
    nobody: '이 링크에 해당하는 수신자 정보가 남아 있지 않습니다. 광고성 정보가 전송되지 않습니다.',
    unknownLink: {
      title: '사용할 수 없는 링크입니다',
      text: '링크가 잘렸거나 바뀌었습니다. 받으신 메시지에서 링크를 다시 눌러 주세요.',
    },
    unclear: {
      title: '요청을 이해할 수 없습니다',
      text: '바뀐 것은 없습니다. 페이지의 버튼을 사용해 주세요.',
    },
    tooLarge: { title: '요청이 너무 큽니다', text: '바뀐 것은 없습니다. 페이지의 버튼을 사용해 주세요.' },
    later: {
      title: '지금은 처리할 수 없습니다',
      text: '잠시 후 다시 시도해 주세요. 같은 요청을 다시 보내셔도 괜찮습니다.',
    },
  },
  en: {
    title: 'Advertising preferences',
    intro: 'Choose here which advertising you want to get. It needs no sign-in and costs nothing.',
    subject: (channel, purpose) =>
      `${CHANNELS.en[channel]} advertising${purpose === 'marketing' ? '' : ' at night (21:00–08:00)'}`,
    heading: (subject) => subject.charAt(0).toUpperCase() + subject.slice(1),
    agree: (subject) => `Agree to ${subject}`,
    refuse: (subject) => `Refuse ${subject}`,
    stands: (standing, date) =>
      standing === null ? 'You never agreed.' : standing.granted ? `Agreed (${date})` : `Refused (${date})`,
    stopHeading: () => 'Unsubscribe',
    stopText: (subject) => `The button below refuses ${subject}, at once.`,
    result: 'Done',
    became(subject, granted) {
      return `${this.heading(subject)}: ${granted ? 'agreed' : 'refused'}`;
    },
    at: 'When',
    sender: 'Sender',
    unchanged: 'It was so already; nothing has changed.',
    preferences: 'Preferences',
    everythingText: 'Refuse all advertising that you have agreed to, at once.',
    everything: 'Unsubscribe from everything',
    otherLanguage: { code: 'ko', name: '한국어' },
    nobody: 'Nothing is known any more of whom this link was made for. No advertising is sent.',
    unknownLink: {
      title: 'This link does not work',
      text: 'It was cut off or changed. Please open the link in the message again.',
    },
    unclear: {
      title: 'This request was not understood',
      text: 'Nothing has changed. Please use the buttons on the page.',
    },
    tooLarge: {
      title: 'This request is too large',
      text: 'Nothing has changed. Please use the buttons on the page.',
    },
    later: {
      title: 'Not possible right now',
      text: 'Please try again in a moment. It does no harm to send the same again.',
    },
  },
};

/** As a form's fields. */
export function fieldsOf({ channel, purpose, granted }: Change): [string, string][] {
  return [
    ['action', 'set'],
    ['channel', channel],
    ['purpose', purpose],
    ['granted', String(granted)],
  ];
}
