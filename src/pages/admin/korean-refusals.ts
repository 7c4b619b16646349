/** Why a document is refused, in Korean, by the code that stands beside the API's own sentence. */
import type { RefusalCode, RefusalValues } from '../../engine/checks/refusal.ts';

type Value = string | number | undefined;

const KINDS: Record<string, string> = {
  nothing: '빈 값',
  null: 'null',
  array: '목록',
  string: '텍스트',
  number: '숫자',
  int: '정수',
  boolean: 'true 또는 false',
  record: '객체',
  object: '객체',
};
const OPERANDS: Record<string, string> = {
  one: '텍스트, 숫자, true/false 중 하나 또는 `ref`(여러 개는 `in`)',
  ordered: '숫자, 텍스트 또는 `ref`',
  pair: '작은 값이 앞에 오는 숫자나 텍스트 두 개의 목록',
  list: '비어 있지 않은 목록 또는 `ref`',
  text: '비어 있지 않은 텍스트 또는 `ref`',
  instant: '`2026-12-14T11:00:00+09:00` 같은 날짜 또는 `ref`',
  duration: '`30d` 같은 기간',
};
const DOCUMENTS: Record<string, string> = {
  template: '템플릿',
  segment: '세그먼트',
  lookup: '키워드 표',
  trigger: '트리거',
};
const inWords = (words: Record<string, string>, name: Value) => words[String(name)] ?? String(name);
const meant = (nearest: Value) => (nearest ? ` \`${nearest}\` 아닌가요?` : '');
const reads = ({ template, read, at }: RefusalValues) =>
  `\`${template}\` 템플릿이 \`${read}\` 값을 읽습니다(\`${at}\`).`;
const WHERE =
  '`workspace` 정책의 `publicUrl`이나 배포의 `PUBLIC_URL`에 `https://edge.example.com` 같은 주소를 정해 주세요.';

export const REFUSALS_KO: Record<RefusalCode, (values: RefusalValues) => string> = {
  missing: ({ expected }) => `값이 없습니다. 필요한 값: ${inWords(KINDS, expected)}.`,
  wrong_kind: ({ expected, found }) =>
    `필요한 값: ${inWords(KINDS, expected)}. 지금 값: ${inWords(KINDS, found)}.`,
  not_one_of: ({ legal, nearest }) => `쓸 수 있는 값: ${legal}.${meant(nearest)}`,
  empty: () => '비워 둘 수 없습니다.',
  too_short: ({ least }) => `${least}자 이상이어야 합니다.`,
  too_long: ({ most }) => `${most}자까지 쓸 수 있습니다.`,
  too_few: ({ least }) => `${least}개 이상이어야 합니다.`,
  too_many: ({ most }) => `${most}개까지 넣을 수 있습니다.`,
  too_small: ({ least }) => `${least} 이상이어야 합니다.`,
  not_more: ({ than }) => `${than}보다 커야 합니다.`,
  too_big: ({ most }) => `${most} 이하여야 합니다.`,
  unknown_field: ({ nearest }) => `여기에 없는 필드입니다.${meant(nearest)}`,
  not_yet: () => '이 버전에서는 아직 쓸 수 없습니다.',
  bad_id: () => '영문 소문자, 숫자, `_`, `-`로 1~64자여야 합니다. 예: `price-drop`.',
  bad_duration: () => '정수와 s, m, h, d, w 중 하나로 쓴 기간이어야 합니다. 예: `30m`.',
  bad_duration_or_session: () => '`30m` 같은 기간이나 `session`이어야 합니다.',
  bad_expiry: () => '`30m` 같은 기간이나 `{ until: path, offset? }`이어야 합니다.',
  bad_wait: () => '`30m` 같은 기간, `{ until: path, offset? }` 또는 `{ time: "09:00", days? }`이어야 합니다.',
  bad_time: () => '`09:00` 같은 시각이어야 합니다.',
  bad_path: () => '`event.properties.price` 같은 경로여야 합니다.',
  bad_zone: () => '`Asia/Seoul` 같은 IANA 시간대여야 합니다.',
  bad_user_zone: () => '`user`나 `Asia/Seoul` 같은 시간대여야 합니다.',
  bad_locale: () => '`ko`나 `en-US` 같은 언어 코드여야 합니다.',
  bad_currency: () => '`KRW` 같은 통화 코드여야 합니다.',
  bad_instant: () => '`2026-12-14T11:00:00+09:00` 같은 시각이어야 합니다.',
  no_transactional_reason: () =>
    '값이 없습니다. 정보성 메시지는 광고 수신 동의 없이 나가므로, 그래도 되는 이유를 적어 주세요.',
  no_cooldown: () => '값이 없습니다. `cooldown`에는 `1d`나 `session` 같은 기간이 필요합니다.',
  needless_cooldown: ({ mode }) => `\`${mode}\`에는 쓰지 않습니다. \`mode: "cooldown"\`일 때만 씁니다.`,
  no_entry_key: () => '`key`를 쓰려면 `entry.key`가 필요합니다. 없으면 `user`를 쓰세요.',
  exit_of_nothing: () => '`on`이나 `if`, 또는 둘 다 필요합니다.',
  same_step_id: ({ id, at }) => `\`${id}\`는 \`${at}\`에서 이미 쓰는 ID입니다.`,
  no_send: () => '`send`가 하나 이상 있어야 합니다. 지금은 아무것도 보내지 않습니다.',
  same_channel: ({ channel }) => `\`${channel}\` 채널이 두 번 있습니다.`,
  no_surface: () => '위치는 `in_app`과 `card`에만 있습니다.',
  no_lookup: ({ path }) => `\`${path}\` 값을 쓰려면 표를 정하는 \`entry.lookup\`이 필요합니다.`,
  no_variant: ({ arm, known }) =>
    `\`${arm}\`은 \`experiment.variants\`에 없는 변형입니다. 있는 변형: ${known}.`,
  no_arm: ({ variant }) => `\`${variant}\` 변형이 갈 단계가 없습니다.`,
  no_such_step: ({ id, nearest }) => `\`${id}\` 단계가 없습니다.${meant(nearest)}`,
  never_reached: ({ id }) =>
    `\`${id}\` 단계에는 아무도 이르지 않습니다. 이 단계로 가는 \`goto\`가 필요합니다.`,
  endless: ({ id }) =>
    `기다리지 않고 \`${id}\` 단계로 되돌아와 끝나지 않습니다. 중간에 \`wait\`가 필요합니다.`,
  no_such_root: ({ path, step, legal, nearest }) =>
    `\`${step}\`로 시작하는 경로는 없습니다(\`${path}\`). 쓸 수 있는 시작: ${legal}.${meant(nearest)}`,
  no_such_path: ({ path, before, step, legal, nearest }) =>
    `\`${before}\`에 \`${step}\` 값이 없습니다(\`${path}\`). 쓸 수 있는 이름: ${legal}.${meant(nearest)}`,
  no_value: ({ op }) => `\`${op}\`에는 값을 쓰지 않습니다.`,
  value_missing: ({ op, operand }) => `값이 없습니다. \`${op}\`에 필요한 값: ${inWords(OPERANDS, operand)}.`,
  value_unfit: ({ op, operand }) => `\`${op}\`에 쓸 수 있는 값: ${inWords(OPERANDS, operand)}.`,
  no_such_event: ({ name, legal, nearest }) =>
    `시스템이 보내는 이벤트 중에 \`${name}\`은 없습니다. 있는 이벤트: ${legal}.${meant(nearest)}`,
  no_such_document: ({ kind, id, nearest }) =>
    `\`${id}\` ${inWords(DOCUMENTS, kind)}이(가) 없습니다.${meant(nearest)}`,
  no_provider: ({ channel }) =>
    `\`${channel}\` 채널의 발송 업체가 없습니다. channels/${channel}에서 정해 주세요.`,
  no_text: ({ template, channel, locale }) =>
    `\`${template}\` 템플릿의 기본 언어 \`${locale}\`에 \`${channel}\` 문구가 없습니다. \`locales.${locale}.${channel}\`에 넣어 주세요.`,
  reads_lookup: (values) => `${reads(values)} 표를 정하는 \`entry.lookup\`이 필요합니다.`,
  reads_data: (values) => `${reads(values)} \`send.data.${values.name}\`이나 기본값이 필요합니다.`,
  reads_recommendations: (values) => `${reads(values)} \`send.recommend\`나 기본값이 필요합니다.`,
  reads_opt_out_in_app: (values) => `${reads(values)} 앱 밖으로 나가는 메시지에만 있는 값입니다.`,
  reads_opt_out: (values) => `${reads(values)} ${WHERE}`,
  no_public_url: () =>
    `광고 이메일에는 수신 거부 링크가 들어가는데, 이 배포의 주소를 아무도 정하지 않았습니다. ${WHERE}`,
  alimtalk_advertises: () => '알림톡으로는 누구도 광고를 보낼 수 없습니다. `kakao_brand`를 쓰세요.',
  takes_no_advertising: ({ channel }) =>
    `\`${channel}\` 채널의 발송 업체는 광고를 받지 않습니다. channels/${channel}에 다른 업체를 정해 주세요.`,
  no_sender: ({ channel, lacking }) =>
    `\`${channel}\` 광고에는 보내는 사람과 수신 거부 방법이 있어야 합니다. \`law\` 정책에 필요한 값: ${lacking}.`,
  bad_ad_mark: ({ template, at }) =>
    `\`${template}\` 템플릿의 \`${at}\` 광고 표시가 법에 맞지 않습니다. 정확히 \`(광고)\`로 쓰거나 비워 두세요. 비워 두면 자동으로 붙습니다.`,
  no_default_locale: ({ locale, known }) => `\`locales\`에 \`${locale}\`가 없습니다. 있는 언어: ${known}.`,
  no_text_at_all: () => '어느 채널의 문구도 없습니다.',
  no_words: () => '`title`이나 `body`가 필요합니다. 빈 메시지는 보여 주지 않습니다.',
  no_url: () => '`open`에는 `url`이 필요합니다.',
  nothing_fills: ({ read, legal, nearest }) =>
    `여기서 ${read}에 채울 값이 없습니다. 쓸 수 있는 시작: ${legal}.${meant(nearest)}`,
  unsafe_link: ({ scheme }) => `\`${scheme}:\` 링크는 열지 않습니다. http(s), 앱 스킴, 상대 주소를 쓰세요.`,
  open_scheme: () => '값에 따라 스킴이 바뀔 수 있습니다. 첫 `/`까지는 직접 써 주세요.',
};

/** Null: it is told in English. */
export function koreanRefusal(code: string | undefined, values: RefusalValues = {}): string | null {
  return code !== undefined && Object.hasOwn(REFUSALS_KO, code)
    ? REFUSALS_KO[code as RefusalCode](values)
    : null;
}
