import { DEFAULT_LIMIT, MAX_LIMIT } from '../../../engine/recommend/want.ts';
import type { Recommend } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField, NumberField } from '../ui/fields.tsx';

/** What fills the template's `recommendations`. How many is asked only of a step that recommends. */
export function RecommendFields({ path }: { path: string }) {
  const { value } = usePlace<Recommend>(path);
  return (
    <div class="grid">
      <ChoiceField path={`${path}.from`} label={t('Recommended items', '추천 상품')} choices={choices()} />
      {value !== undefined && (
        <NumberField
          path={`${path}.limit`}
          label={t('How many', '개수')}
          hint={t(`${DEFAULT_LIMIT} unless given`, `비우면 ${DEFAULT_LIMIT}개`)}
          min={1}
          max={MAX_LIMIT}
          step={1}
        />
      )}
    </div>
  );
}

function choices(): [value: '' | Recommend['from'], word: string][] {
  return [
    ['', t('none', '없음')],
    ['last_viewed', t('viewed by those who viewed the last one', '마지막으로 본 상품을 본 사람들이 본 것')],
    ['liked', t('viewed by those who viewed what is liked', '찜한 상품을 본 사람들이 본 것')],
    ['cart', t('bought with what is in the cart', '장바구니 상품과 함께 산 것')],
    ['bought', t('bought with what was bought', '산 상품과 함께 산 것')],
    ['popular', t('popular in the shop', '인기 상품')],
  ];
}
