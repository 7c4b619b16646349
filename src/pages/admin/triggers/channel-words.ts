import type { Channel } from '../../../engine/trigger.ts';
import { t } from '../language.ts';

export function channelWord(channel: Channel): string {
  return {
    in_app: t('in-app message', '인앱 메시지'),
    card: t('card', '카드'),
    push: t('app push', '앱 푸시'),
    web_push: t('web push', '웹 푸시'),
    email: t('e-mail', '이메일'),
    sms: 'SMS',
    lms: 'LMS',
    kakao_info: t('Kakao AlimTalk', '카카오 알림톡'),
    kakao_brand: t('Kakao brand message', '카카오 브랜드 메시지'),
    line: 'LINE',
    whatsapp: 'WhatsApp',
    webhook: t('webhook', '웹훅'),
  }[channel];
}
