import { expect, it } from 'vitest';
import { checkTemplateInput, checkTriggerInput } from '../../../protocol/document-checks.ts';
import { RECIPES } from './recipes.ts';

it.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))(
  '%s makes documents that are taken as they are',
  (_id, recipe) => {
    const answers = Object.fromEntries(recipe.asks.map(({ id, initial }) => [id, initial]));
    const made = recipe.make({ ...answers, at: '2027-01-02T10:00' });
    expect(checkTriggerInput(JSON.parse(JSON.stringify(made.trigger)))).toMatchObject({ kind: 'valid' });
    expect(checkTemplateInput(JSON.parse(JSON.stringify(made.template)))).toMatchObject({ kind: 'valid' });
    expect(Object.keys(made.template.locales)).toEqual(['ko', 'en']);
  },
);
