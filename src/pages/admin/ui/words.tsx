/** A sentence in which names of the document stand between backticks. */
export function Words({ text }: { text: string }) {
  const parts = text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part));
  return <>{parts}</>;
}
