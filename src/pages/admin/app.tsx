import { useEffect } from 'preact/hooks';
import { DocumentEditor } from './documents/document-editor.tsx';
import { DocumentList } from './documents/document-list.tsx';
import { isDocumentKind, type Kind } from './documents/kinds.ts';
import { language, t } from './language.ts';
import { Navigation } from './navigation.tsx';
import { Audit } from './operations/audit.tsx';
import { DeadLetters } from './operations/dead-letters.tsx';
import { Deliveries } from './operations/deliveries.tsx';
import { Keys } from './operations/keys.tsx';
import { StoppedBanner } from './operations/stop-all.tsx';
import { RecipeForm } from './recipes/recipe-form.tsx';
import { RecipeList } from './recipes/recipe-list.tsx';
import { Overview } from './reports/overview.tsx';
import { TriggerReport } from './reports/trigger-report.tsx';
import { route } from './route.ts';
import { session } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { TemplateEditor } from './templates/template-editor.tsx';
import { TriggerEditor } from './triggers/trigger-editor.tsx';
import { TriggerList } from './triggers/trigger-list.tsx';
import { Asking } from './ui/confirm.tsx';
import { Said } from './ui/notice.tsx';
import { Users } from './users/users.tsx';

export function App() {
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  if (session.value === undefined) return null;
  if (session.value === null) return <SignIn />;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t('To the content', '본문으로')}
      </button>
      <Navigation />
      <StoppedBanner />
      <main id="main" tabIndex={-1}>
        <View />
      </main>
      <Asking />
      <Said />
    </>
  );
}

function View() {
  const [place = 'triggers', id] = route.value;
  if (isDocumentKind(place)) return <DocumentView kind={place} id={id} />;
  switch (place) {
    case 'new':
      return id ? <RecipeForm key={id} id={id} /> : <RecipeList />;
    case 'triggers':
      return id ? <TriggerEditor key={id} id={id} /> : <TriggerList />;
    case 'reports':
      return id ? <TriggerReport key={id} id={id} /> : <Overview />;
    case 'users':
      return <Users key={id ?? ''} id={id ?? null} />;
    case 'deliveries':
      return <Deliveries />;
    case 'dead-letters':
      return <DeadLetters />;
    case 'keys':
      return <Keys />;
    case 'audit':
      return <Audit />;
    default:
      return <Nowhere />;
  }
}

function DocumentView({ kind, id }: { kind: Kind; id: string | undefined }) {
  if (!id) return <DocumentList key={kind} kind={kind} />;
  if (kind === 'templates') return <TemplateEditor key={id} id={id} />;
  return <DocumentEditor key={kind + id} kind={kind} id={id} />;
}

function Nowhere() {
  return (
    <>
      <h1>{t('There is nothing here', '여기에는 아무것도 없습니다')}</h1>
      <a href="#/triggers">{t('To the triggers', '트리거로')}</a>
    </>
  );
}
