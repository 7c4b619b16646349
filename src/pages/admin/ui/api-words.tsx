/** What the API says, in this reader's language. */
import type { ApiFault, Issue } from '../api.ts';
import { koreanRefusal } from '../korean-refusals.ts';
import { FAULTS_KO, koreanWarning } from '../korean-words.ts';
import { language } from '../language.ts';
import { Words } from './words.tsx';

export function FaultWords({ fault: { code, message } }: { fault: ApiFault }) {
  const known = language.value === 'ko' && Object.hasOwn(FAULTS_KO, code) ? FAULTS_KO[code] : undefined;
  return (
    <>
      {known && <p>{known.text}</p>}
      {!known?.isWhole && <English text={message} isQuiet={known !== undefined} />}
    </>
  );
}

function English({ text, isQuiet }: { text: string; isQuiet: boolean }) {
  return (
    <p class={isQuiet ? 'quiet' : ''} lang="en">
      <Words text={text} />
    </p>
  );
}

/** Beneath its field; nothing where nothing is wrong. */
export function FieldIssue({ issue }: { issue: Issue | null }) {
  return (
    issue && (
      <p class="issue">
        <IssueWords issue={issue} />
      </p>
    )
  );
}

export function IssueWords({ issue: { code, values, message } }: { issue: Issue }) {
  const korean =
    language.value === 'ko' ? (koreanWarning(code, values) ?? koreanRefusal(code, values)) : null;
  return (
    <span lang={korean === null ? 'en' : 'ko'}>
      <Words text={korean ?? message} />
    </span>
  );
}
