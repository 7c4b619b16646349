import { of, t } from '../language.ts';
import { linkTo } from '../route.ts';
import { RECIPES } from './recipes.ts';

export function RecipeList() {
  return (
    <>
      <div class="head">
        <div>
          <a class="back" href="#/triggers">
            {t('← Triggers', '← 트리거')}
          </a>
          <h1>{t('Start with a recipe', '레시피로 시작하기')}</h1>
          <p class="quiet">
            {t(
              'Each makes a draft that you can change; nothing is sent before you activate it.',
              '고칠 수 있는 초안을 만듭니다. 켜기 전에는 아무것도 보내지 않습니다.',
            )}
          </p>
        </div>
      </div>
      <ul class="recipes">
        {RECIPES.map(({ id, title, what, channel }) => (
          <li key={id}>
            <a href={linkTo('new', id)}>
              <span class="badge">
                {channel === 'in_app' ? t('in the app', '앱 안에서') : t('push', '푸시')}
              </span>
              <strong>{of(title)}</strong>
              <span class="quiet">{of(what)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
