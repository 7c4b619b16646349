import { ApiError, invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { Route } from '../http/route.ts';
import {
  type SimulationInput,
  SimulationInputError,
  type SimulationReport,
  simulate,
} from '../simulate/simulate.ts';
import { isObject } from './request-document.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * `POST /admin/api/simulate` `{ documents, life, startAt? }`: plays a scripted life on a virtual clock and answers its
 * report. Nothing is stored or sent. 400 for what is no life, 422 for documents that can't work, each with issues.
 */
export function simulateRoute(): Route {
  return {
    method: 'POST',
    path: '/admin/api/simulate',
    auth: 'admin',
    async handle(request) {
      const body = await readJson(request, MAX_BYTES);
      if (!isObject(body)) throw invalidRequest('The body must be an object with `documents` and `life`.');
      return jsonResponse(await play(body as unknown as SimulationInput));
    },
  };
}

async function play(input: SimulationInput): Promise<SimulationReport> {
  try {
    return await simulate(input);
  } catch (error) {
    if (!(error instanceof SimulationInputError)) throw error;
    const { issues, about } = error;
    if (about === 'life') throw invalidRequest('The simulation can’t be played.', issues);
    const count = issues.length === 1 ? 'one fault' : `${issues.length} faults`;
    throw new ApiError(422, 'invalid_document', `The documents have ${count}.`, { issues });
  }
}
