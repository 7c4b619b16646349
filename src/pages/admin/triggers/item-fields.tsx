/** News of an item, of which kind and to whom. */
import type { ItemOn } from '../../../engine/trigger.ts';
import { t } from '../language.ts';
import { usePlace } from '../ui/editing.ts';
import { ChoiceField, NumberField, SetField, TextField } from '../ui/fields.tsx';

export function ItemFields({ path }: { path: string }) {
  const { value: on } = usePlace<ItemOn>(path);
  return (
    <div class="grid">
      <ChoiceField
        path={`${path}.item`}
        label={t('What', '소식')}
        choices={[
          ['price_drop', t('it got cheaper', '가격 인하')],
          ['back_in_stock', t('it is back in stock', '재입고')],
          ['low_stock', t('few are left', '품절 임박')],
          ['changed', t('something of it changed', '정보 변경')],
        ]}
      />
      <SetField path={`${path}.relation`} label={t('Of items that are', '대상 상품')} choices={relations()} />
      {on?.item === 'price_drop' && (
        <NumberField
          path={`${path}.minDrop.pct`}
          label={t('At least %', '최소 인하율 %')}
          min={0}
          max={100}
        />
      )}
      {on?.item === 'low_stock' && (
        <NumberField
          path={`${path}.lowStock`}
          label={t('At most so many', '남은 수량 이하')}
          min={1}
          step={1}
        />
      )}
      {on?.item === 'changed' && (
        <TextField
          path={`${path}.path`}
          label={t('Only when this did', '이 값이 바뀔 때만')}
          placeholder="item.title"
        />
      )}
      <TextField
        path={`${path}.relationWithin`}
        label={t('Since at most', '관계가 생긴 지')}
        placeholder="30d"
      />
    </div>
  );
}

function relations(): readonly (readonly [string, string])[] {
  return [
    ['liked', t('liked', '찜한')],
    ['in_cart', t('in the cart', '장바구니')],
    ['viewed', t('viewed', '본')],
    ['subscribed', t('subscribed', '알림 신청')],
  ];
}
