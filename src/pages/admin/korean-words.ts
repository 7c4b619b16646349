/** The API speaks English; this is what it says in Korean, by code. A code that isn't here is told in English. */
import type { WarningCode, WarningValues } from '../../engine/checks/warning.ts';

export const WARNINGS_KO: Record<WarningCode, (values: WarningValues) => string> = {
  no_recheck_after_wait: () =>
    '`entry.if`는 진입할 때 한 번만 확인합니다. 이 대기 뒤에는 종료 조건과 `delivery.recheck`만 막아 주는데, `recheck`가 없습니다.',
  everybody_held_out: () => '1은 전원을 뜻합니다. 아무도 받지 못합니다.',
  topic_not_grouped: () =>
    '팔로우한 주제의 상품마다 따로 알립니다. 하루에 새 상품이 열 개면 메시지도 열 통입니다. `entry.group`으로 묶을 수 있습니다.',
  reads_newest_events: ({ limit, event }) =>
    `기간 안의 \`${event}\` 이벤트 중 가장 최근 ${limit}개까지만 확인합니다.`,
  counts_newest_events: ({ limit }) => `기간 안의 가장 최근 이벤트 ${limit}개까지만 셉니다.`,
  no_such_column: ({ table, column }) =>
    `\`${table}\` 표의 어느 행에도 \`${column}\` 열이 없어 값이 항상 비어 있습니다.`,
  no_cost: ({ channel }) => `channels/${channel}에 \`cost\`가 없어 무료로 계산합니다.`,
  other_currency: ({ channel, currency, wanted }) =>
    `channels/${channel}의 비용은 ${currency}라서 ${wanted} 금액과 비교할 수 없습니다. 예산에 포함되지 않고, \`cheapest\`에서는 가장 마지막에 선택됩니다.`,
  no_text_for_locale: ({ template, channel, locale, defaultLocale }) =>
    `\`${template}\` 템플릿에 \`${locale}\` 언어의 \`${channel}\` 문구가 없습니다. 그 언어의 사용자는 \`${defaultLocale}\` 문구를 받습니다.`,
  no_recommend: ({ template }) =>
    `\`${template}\` 템플릿은 \`recommendations\`를 보여 주지만 단계에 \`recommend\`가 없어 추천이 항상 비어 있습니다.`,
  recommendations_unseen: ({ template }) =>
    `\`${template}\` 템플릿에 \`recommendations\`가 없어 추천이 아무에게도 보이지 않습니다.`,
};

/** `isWhole`: the sentence says all that the API's does; where not, that one stands beside it. */
export const FAULTS_KO: Readonly<Record<string, { text: string; isWhole: boolean }>> = {
  offline: whole('서버에 연결할 수 없습니다. 바뀐 것은 없습니다.'),
  unauthorized: whole('로그인이 끝났거나 유효하지 않은 키입니다.'),
  forbidden: whole('이 종류의 키로는 할 수 없는 일입니다.'),
  wrong_origin: whole('관리자 페이지 자신의 주소에서 온 요청만 받습니다. 바뀐 것은 없습니다.'),
  stale: whole('그 사이 다른 사람이 문서를 바꿨습니다. 다시 불러온 뒤 고쳐 주세요.'),
  busy: whole('다른 사람이 설정을 바꾸는 중이라 아무것도 바꾸지 않았습니다. 잠시 후 다시 시도해 주세요.'),
  overloaded: whole('지금은 요청이 너무 많습니다. 잠시 후 같은 요청을 다시 보내도 괜찮습니다.'),
  internal_error: whole('서버 안에서 문제가 생겼습니다. 다시 시도해도 괜찮습니다.'),
  may_send_twice: whole(
    '이 메시지가 도착했는지 아무도 알 수 없고, 다시 보내면 두 번 받을 수 있습니다. 그래도 보내려면 강제로 재발송하세요.',
  ),
  not_a_test_user: part('시험 발송은 시험 사용자에게만 할 수 있습니다.'),
  invalid_document: whole('문서에 고칠 곳이 있습니다.'),
  invalid_request: part('요청이 올바르지 않아 아무것도 적용하지 않았습니다.'),
  too_large: part('내용이 너무 큽니다.'),
  not_found: part('찾을 수 없습니다.'),
  exists: part('같은 ID의 문서가 이미 있습니다.'),
  conflict: part('지금 상태에서는 할 수 없는 일입니다.'),
  in_use: part('사용 중이라 바꾸거나 지울 수 없습니다.'),
  not_listed: part('이 세그먼트는 사용자 목록을 보관하지 않습니다.'),
  not_sent: part('보내지 않았습니다.'),
  not_replayable: part('다시 보낼 수 없습니다.'),
  unavailable: part('지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.'),
};

function whole(text: string) {
  return { text, isWhole: true };
}

function part(text: string) {
  return { text, isWhole: false };
}

/** Null: it is told in English. */
export function koreanWarning(code: string | undefined, values: WarningValues = {}): string | null {
  return code !== undefined && Object.hasOwn(WARNINGS_KO, code)
    ? WARNINGS_KO[code as WarningCode](values)
    : null;
}
