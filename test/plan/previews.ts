/** Previews for tests: only what a test is about has to be given. */
import type { HostPlan } from '../../runner/plan/groups.ts'
import type { Action } from '../../runner/plan/plan.ts'
import type { ActionPreview, Preview } from '../../runner/plan/preview.ts'
import { samplePlan } from './sampleAction.ts'

export function actionPreview(given: Partial<ActionPreview> = {}): ActionPreview {
  return {
    texts: [],
    files: undefined,
    services: [],
    duration: undefined,
    packageOf: undefined,
    kept: [],
    ...given,
  }
}

export function hostPlan(host: string, actions: Action[], given: Partial<Preview> = {}): HostPlan {
  return { plan: samplePlan(host, ...actions), preview: { actions: {}, drift: [], disk: [], ...given } }
}
