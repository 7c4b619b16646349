import type { Fault } from './error-response.ts';

/** One line for the operator: which request, which route, and where. An error's text is left out: it can hold values. */
export function logFault({ requestId, method, route, error }: Fault): void {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const fault = { requestId, method, route, name: error instanceof Error ? error.name : typeof error };
  // biome-ignore lint/suspicious/noConsole: the one place where faults are logged.
  console.error(JSON.stringify({ ...fault, at: frames.slice(0, 8).map((line) => line.trim()) }));
}
