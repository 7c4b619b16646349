import { t } from '../language.ts';

export interface Filter {
  name: string;
  label: string;
  /** A closed list; else free text. */
  choices?: readonly string[];
  /** What a choice is called; else what it is. */
  word?(choice: string): string;
}

/** Asked together, on Enter. `change` hears the query without what was left empty. */
export function Filters({ filters, change }: { filters: readonly Filter[]; change(query: string): void }) {
  function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }): void {
    event.preventDefault();
    const given = [...new FormData(event.currentTarget)].flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()] as [string, string]] : [],
    );
    change(new URLSearchParams(given).toString());
  }
  return (
    <form class="row filters" onSubmit={submit}>
      {filters.map(({ name, label, choices, word = (choice: string) => choice }) =>
        choices ? (
          <select
            key={name}
            name={name}
            aria-label={label}
            onChange={(event) => event.currentTarget.form?.requestSubmit()}
          >
            <option value="">{label}</option>
            {choices.map((one) => (
              <option key={one} value={one}>
                {word(one)}
              </option>
            ))}
          </select>
        ) : (
          <input key={name} name={name} type="search" aria-label={label} placeholder={label} />
        ),
      )}
      <button type="submit">{t('Filter', '찾기')}</button>
    </form>
  );
}
