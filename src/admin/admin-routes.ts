import type { Route } from '../http/route.ts';
import { backtestRoute } from './backtest/backtest-route.ts';
import { checkRoute } from './check-route.ts';
import { type DocumentRoutesDeps, documentRoutes } from './document-routes.ts';
import { exportRoutes } from './export/export-routes.ts';
import { frameRoute } from './frame-route.ts';
import { keyRoutes } from './key-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { reportRoutes } from './report-route.ts';
import { segmentRoutes } from './segment-routes.ts';
import { shadowRoutes } from './shadow-routes.ts';
import { simulateRoute } from './simulate-route.ts';
import { triggerRoutes } from './trigger-routes.ts';
import { workspaceRoutes } from './workspace-routes.ts';

/** Everything under `/admin/api` that is about configuration and profiles. */
export function adminRoutes(deps: DocumentRoutesDeps = {}): Route[] {
  return [
    checkRoute(),
    ...triggerRoutes(),
    ...documentRoutes(deps),
    ...segmentRoutes(),
    ...keyRoutes(),
    ...workspaceRoutes(),
    ...profileRoutes(),
    ...reportRoutes(),
    simulateRoute(),
    ...shadowRoutes(),
    ...exportRoutes(),
    backtestRoute(),
    frameRoute(),
  ];
}
