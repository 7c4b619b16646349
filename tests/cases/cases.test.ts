/** The rows of the JSON files beside this one, one test each. Their form: README.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CaseDocuments } from './case-documents.ts';
import { type ConditionCase, conditionHolds, type OperatorCase } from './condition-case.ts';
import { type LifeCase, playLife } from './life-case.ts';
import { renderCase, type TemplateCase } from './template-case.ts';

interface CaseFile {
  specVersion: 1;
  kind: 'operator' | 'condition' | 'life' | 'template';
  about: string;
  documents?: CaseDocuments;
  cases: { name: string; clause: string }[];
}

const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name,
    ...(JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as CaseFile),
  }));

for (const { name, kind, documents, cases } of files) {
  describe(name, () => {
    test.each(cases)('$clause $name', (row) => {
      switch (kind) {
        case 'operator':
        case 'condition': {
          const one = row as unknown as ConditionCase | OperatorCase;
          expect(conditionHolds(one, documents, 'asked for the first time')).toBe(one.expect);
          expect(conditionHolds(one, documents, 'asked before')).toBe(one.expect);
          return;
        }
        case 'life':
          playLife(row as unknown as LifeCase, documents);
          return;
        case 'template':
          expect(renderCase(row as unknown as TemplateCase)).toEqual((row as unknown as TemplateCase).expect);
          return;
        default:
          throw new Error(`no rows of kind ${kind satisfies never}`);
      }
    });
  });
}

test('there are hundreds of rows, each with a name of its own, a clause and what is expected', () => {
  const rows = files.flatMap((file) =>
    file.cases.map((row) => ({ ...row, file: file.name, spec: file.specVersion })),
  );
  expect(rows.length).toBeGreaterThanOrEqual(300);
  expect(new Set(rows.map(({ file, name }) => `${file}: ${name}`)).size).toBe(rows.length);
  const bodies = rows.map(({ name: _name, clause: _clause, ...body }) => JSON.stringify(body));
  expect(new Set(bodies).size).toBe(rows.length);
  for (const row of rows) {
    expect(row).toMatchObject({ spec: 1, clause: expect.stringMatching(/^[2-8](\.\d+)?$/) });
    expect(
      'expect' in row || JSON.stringify(row).includes('"left":') || JSON.stringify(row).includes('"expect":'),
    ).toBe(true);
  }
});
